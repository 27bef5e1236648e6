import BundleFormat
import Foundation
import SystemPackage
import TestSupport
import Testing

/// Which old files new ones are found to resemble by what is in them.
@Suite struct LikenessTests {
  private let folder = TemporaryFolder()
  private var random = SeededGenerator(17)

  private mutating func bytes(_ count: Int) -> Data {
    Data((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
  }

  private func write(_ bytes: Data, _ name: String) throws -> FilePath {
    try bytes.write(to: URL(fileURLWithPath: folder[name].string))
    return folder[name]
  }

  /// The bases of one new file among old ones.
  private func bases(of new: Data, among old: [Data]) throws -> [Int] {
    var search = try LikenessSearch(for: [try write(new, "new")], bytes: Int64(new.count))
    for (number, bytes) in old.enumerated() { try search.look(at: try write(bytes, "old-\(number)"), number: number) }
    return search.bases(of: 0)
  }

  @Test mutating func `a file of pieces of several old ones finds them, the largest piece's first`() throws {
    let old = (0..<8).map { _ in bytes(60_000) }
    let new = old[5].prefix(40_000) + bytes(700) + old[2].suffix(20_000) + old[7].dropFirst(11).prefix(9000)
    #expect(try bases(of: new, among: old) == [5, 2, 7])
  }

  @Test mutating func `what resembles nothing finds nothing`() throws {
    let old = (0..<8).map { _ in bytes(60_000) }
    #expect(try bases(of: bytes(60_000), among: old) == [])
    #expect(try bases(of: Data(count: 60_000), among: old) == [])
    #expect(try bases(of: Data(), among: old + [Data()]) == [])
  }

  @Test mutating func `of equals the first is taken, and no second that adds nothing`() throws {
    let one = bytes(60_000)
    #expect(try bases(of: one + bytes(3000), among: [bytes(60_000), one, one, one.dropLast(20_000)]) == [1])
  }

  @Test mutating func `an old file that is gone by now is an error that names it`() throws {
    var search = try LikenessSearch(for: [try write(bytes(9000), "new")], bytes: 9000)
    let error = #expect(throws: BundleError.self) { try search.look(at: folder["absent"], number: 0) }
    #expect(error?.description.contains("absent") == true)
  }
}
