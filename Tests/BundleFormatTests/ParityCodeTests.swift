import BundleFormat
import Crypto
import FileSystem
import Foundation
import MirrorTypes
import SystemPackage
import TestSupport
import Testing

/// Lost volumes come back from any others that are enough, byte for byte.
@Suite struct ParityCodeTests {
  /// Volumes of random sizes in files, with parity made of them.
  private struct Volumes {
    let folder = TemporaryFolder()
    let opened: OpenFolder
    let code: ParityCode
    let contents: [Data]
    let longest: Int

    init(data: Int, parity: Int, upTo size: Int, _ generator: inout SeededGenerator) throws {
      opened = try OpenFolder(folder.path)
      code = try #require(ParityCode(data: data, parity: parity))
      contents = (0..<data).map { _ in
        Data(
          (0..<Int.random(in: 0...size, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
        )
      }
      longest = contents.map(\.count).max() ?? 0
      for (number, bytes) in contents.enumerated() { try bytes.write(to: url(number)) }
      let outputs = (0..<parity).map { ParityFiles.Output(place(data + $0), size: Int64(longest)) }
      let digests = try ParityFiles.make(outputs, of: (0..<data).map { [place($0)] }, by: code.encoder)
      for (output, digest) in zip(outputs, digests) {
        #expect(try VolumeCopy.digest(of: [output.place], atMost: .max).digest == digest)
      }
    }

    func place(_ number: Int) -> Place { opened.place.appending("\(number)") }
    func url(_ number: Int) -> URL { URL(fileURLWithPath: folder["\(number)"].string) }

    /// What comes back of lost volumes.
    func rebuilt(_ lost: [Int], from sources: [Int]) throws -> [Data] {
      let decoder = try #require(code.decoder(for: lost, from: sources))
      let outputs = lost.map {
        ParityFiles.Output(opened.place.appending("rebuilt-\($0)"), size: Int64(contents[$0].count))
      }
      for output in outputs { try output.place.remove() }
      _ = try ParityFiles.make(outputs, of: sources.map { [place($0)] }, by: decoder)
      return try outputs.map { try Data(contentsOf: URL(fileURLWithPath: $0.place.shown.string)) }
    }
  }

  @Test(arguments: 1...40)
  func `random volumes lose as many as there is parity, and come back`(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed)
    let (data, parity) = (Int.random(in: 1...24, using: &generator), Int.random(in: 1...8, using: &generator))
    // Some are larger than a block.
    let size = seed % 8 == 0 ? 2_500_000 / data : 9000
    let volumes = try Volumes(data: data, parity: parity, upTo: size, &generator)
    for _ in 0..<4 {
      let order = (0..<(data + parity)).shuffled(using: &generator)
      let (gone, sources) = (order.prefix(parity), Array(order.dropFirst(parity)))
      let lost = gone.filter { $0 < data }
      guard !lost.isEmpty else { continue }
      #expect(try volumes.rebuilt(lost, from: sources) == lost.map { volumes.contents[$0] })
    }
  }

  @Test func `every subset of a small bundle comes back`() throws {
    var generator = SeededGenerator(7)
    let volumes = try Volumes(data: 4, parity: 3, upTo: 700, &generator)
    for mask in 0..<128 where mask.nonzeroBitCount == 4 {
      let sources = (0..<7).filter { mask & 1 << $0 != 0 }
      let lost = (0..<4).filter { mask & 1 << $0 == 0 }
      guard !lost.isEmpty else { continue }
      #expect(try volumes.rebuilt(lost, from: sources) == lost.map { volumes.contents[$0] })
    }
  }

  @Test func `as many volumes as there can be`() throws {
    var generator = SeededGenerator(255)
    let volumes = try Volumes(data: 200, parity: 55, upTo: 300, &generator)
    let order = (0..<255).shuffled(using: &generator)
    let lost = order.prefix(55).filter { $0 < 200 }
    #expect(try volumes.rebuilt(lost, from: Array(order.dropFirst(55))) == lost.map { volumes.contents[$0] })
  }

  @Test func `what is no code is refused`() throws {
    #expect(ParityCode(data: 250, parity: 6) == nil)
    #expect(ParityCode(data: 0, parity: 1) == nil)
    #expect(ParityCode(data: 1, parity: 0) == nil)
    let code = try #require(ParityCode(data: 3, parity: 2))
    for sources in [[0, 1], [0, 1, 1], [0, 1, 5], [0, 1, 2, 3]] {
      #expect(code.decoder(for: [2], from: sources) == nil)
    }
    #expect(code.decoder(for: [3], from: [0, 1, 2]) == nil)
  }

  @Test func `parity follows the rule that the manual tells`() throws {
    // Multiplication in GF(2^8) with the polynomial 0x11D, in the plainest way.
    func times(_ a: UInt8, _ b: UInt8) -> UInt8 {
      var (a, b, product) = (UInt16(a), b, UInt16(0))
      while b != 0 {
        if b & 1 != 0 { product ^= a }
        a = a << 1 ^ (a & 0x80 != 0 ? 0x11D : 0)
        b >>= 1
      }
      return UInt8(product & 0xFF)
    }
    func inverse(_ a: UInt8) -> UInt8 { (1...255).first { times(a, $0) == 1 } ?? 0 }
    var generator = SeededGenerator(3)
    let volumes = try Volumes(data: 5, parity: 3, upTo: 400, &generator)
    for row in 0..<3 {
      var expected = [UInt8](repeating: 0, count: volumes.longest)
      for (column, content) in volumes.contents.enumerated() {
        let factor = inverse(UInt8((5 + row) ^ column))
        for (place, byte) in content.enumerated() { expected[place] ^= times(factor, byte) }
      }
      #expect(try Data(contentsOf: volumes.url(5 + row)) == Data(expected))
    }
  }
}
