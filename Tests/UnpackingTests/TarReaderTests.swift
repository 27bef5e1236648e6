import Foundation
import MirrorTypes
import TestSupport
import Testing

@testable import BundleFormat
@testable import Unpacking

@Suite struct TarReaderTests {
  /// What an archive holds, or why it cannot be read.
  private func files(_ bytes: [UInt8], step: Int = .max) throws -> [String: [UInt8]] {
    var start = 0
    let tar = TarReader { room in
      let count = min(room.count, bytes.count - start, step)
      bytes.withUnsafeBytes { room.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<(start + count)])) }
      start += count
      return count
    }
    var found: [String: [UInt8]] = [:]
    while let entry = try tar.next() {
      guard case .file(let name, let size) = entry else { throw TarReader.Problem(words: "no plain file") }
      var content: [UInt8] = []
      try tar.read { content += $0 }
      #expect(Int64(content.count) == size)
      found[name] = content
    }
    return found
  }

  private func archive(_ files: [String: [UInt8]]) throws -> [UInt8] {
    var bytes: [UInt8] = []
    let writer = try TarWriter(naming: "test") { bytes += $0 }
    for (name, content) in files {
      try writer.begin(name, size: Int64(content.count))
      try content.withUnsafeBytes { try writer.write($0) }
    }
    try writer.finish()
    return bytes
  }

  /// Files whose names and sizes are at every edge of the format.
  private static let edges: [String: [UInt8]] = {
    var files: [String: [UInt8]] = [:]
    for length in [1, 99, 100, 101, 155, 156, 255, 256, 257, 1000] {
      files[String(repeating: "n", count: length)] = Array("\(length)".utf8)
      files["folder/" + String(repeating: "x", count: length)] = Array("\(length)/".utf8)
    }
    for size in [0, 1, 511, 512, 513, 300_000] { files["size\(size)"] = [UInt8](repeating: 7, count: size) }
    files["Ünïcode/Лицензия-日本.txt"] = [1, 2, 3]
    return files
  }()

  @Test func `what is written is read, however it comes`() throws {
    let bytes = try archive(Self.edges)
    for step in [Int.max, 4096, 511, 7] { #expect(try files(bytes, step: step) == Self.edges, "\(step)") }
  }

  @Test func `an archive that is cut anywhere is refused`() throws {
    let bytes = try archive([
      "a": [1], "folder/" + String(repeating: "b", count: 200): [UInt8](repeating: 2, count: 700),
    ])
    // Of the two blocks at the end, one is enough.
    for end in 0...(bytes.count - 1024) {
      #expect(throws: TarReader.Problem.self, "\(end)") { try files(Array(bytes[..<end])) }
    }
    #expect(try files(bytes).count == 2)
  }

  @Test(.enabled(if: Command.path(of: "tar") != nil, "tar is not installed"), arguments: ["posix", "gnu", "ustar"])
  func `plain files that another tar has packed are read`(format: String) throws {
    let folder = TemporaryFolder()
    let names = format == "posix" ? ["short", "long-" + String(repeating: "n", count: 180)] : ["short", "other"]
    for name in names { try Data(name.utf8).write(to: URL(fileURLWithPath: folder[name].string)) }
    let out = folder["out.tar"].string
    try Command.run("tar", ["-C", folder.path.string, "--format", format, "-cf", out] + names)
    let found = try files(Array(try Data(contentsOf: URL(fileURLWithPath: out))))
    #expect(found == Dictionary(uniqueKeysWithValues: names.map { ($0, Array($0.utf8)) }))
  }

  @Test func `a changed archive is read or refused, and never more is handed out than was there`() throws {
    let bytes = try archive(Self.edges.filter { $0.value.count < 1000 })
    let mutator = Mutator(["ustar\u{0}00", "20 size=9999999999\n"], longest: 600, mostChanges: 4)
    var (tried, refused) = (0, 0)
    for round in Fuzz.rounds("tar archives", 3000) {
      var (changed, random) = (bytes, round.random)
      changed = mutator.changed(changed, &random)
      tried += 1
      do {
        let sum = try files(changed).values.reduce(0) { $0 + $1.count }
        #expect(sum <= changed.count, "\(round)")
      } catch is TarReader.Problem {
        refused += 1
      }
    }
    #expect(refused > tried / 10 && refused < tried)
  }
}
