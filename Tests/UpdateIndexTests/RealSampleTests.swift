import Foundation
import MirrorTypes
import SystemPackage
import TestSupport
import Testing
import UpdateIndex

/// Two real trees' indexes, published as archives beside the package; tests on them are skipped where they are absent.
enum RealSamples {
  static let folder = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
    .pushing("../shared/reference/update-indexes")

  static var areThere: Bool {
    FileManager.default.fileExists(atPath: folder.appending("kaspersky-2025-11-11.tar.xz").string)
  }

  /// Unpacks an archive, and gives the folder that holds the tree.
  static func unpack(_ name: String, into target: TemporaryFolder) throws -> FilePath {
    try run("/bin/tar", ["xJf", folder.appending(name).string, "-C", target.path.string])
    let inner = target["dnl-01.geo.kaspersky.com"]
    return FileManager.default.fileExists(atPath: inner.string) ? inner : target.path
  }

  /// The paths of all files of the 2025 tree.
  static func listedPaths() throws -> Set<String> {
    let output = Pipe()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/xz")
    process.arguments = ["-dc", folder.appending("kaspersky-2025-11-11.files.txt.xz").string]
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Set(String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init))
  }

  private static func run(_ program: String, _ arguments: [String]) throws {
    let process = try Process.run(URL(fileURLWithPath: program), arguments: arguments)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CocoaError(.fileReadUnknown) }
  }
}

@Suite(.enabled(if: RealSamples.areThere, "the real index samples are not beside the package"))
struct RealSampleTests {
  let folder = TemporaryFolder()

  /// Walks a tree on disk from its primary indexes.
  private func walk(_ tree: FilePath, from primaries: [String], _ selection: Selection) throws -> WalkedTree {
    var walk = IndexWalk(primaries: try primaries.map { try TreePath($0) }, selection: selection)
    var queue = try primaries.map { try TreePath($0) }
    var result = WalkedTree()
    while !queue.isEmpty {
      let index = queue.removeFirst()
      guard let data = FileManager.default.contents(atPath: tree.pushing(FilePath(index.string)).string) else {
        result.absentIndexes.insert(index.string)
        continue
      }
      let step = try walk.take(Array(data), of: index)
      result.indexes.insert(index.string)
      queue += step.indexes.map(\.path)
      for file in step.files { result.files[file.path.string] = file }
    }
    result.drift = walk.drift
    return result
  }

  struct WalkedTree {
    var indexes: Set<String> = []
    var absentIndexes: Set<String> = []
    var files: [String: IndexWalk.NamedFile] = [:]
    var drift = DriftReport()
  }

  @Test func `all primary indexes of 2025 together name all but the leftovers of the tree`() throws {
    let tree = try RealSamples.unpack("kaspersky-2025-11-11.tar.xz", into: folder)
    let primaries =
      try FileManager.default.contentsOfDirectory(atPath: tree.appending("index").string)
      .map { "index/\($0)" }.sorted() + ["updaters/updater.xml"]
    let walked = try walk(tree, from: primaries, .everything)
    let listed = try RealSamples.listedPaths()
    let named = walked.indexes.union(walked.files.keys)
    print(
      "indexes",
      walked.indexes.count,
      "absent",
      walked.absentIndexes.count,
      "files",
      walked.files.count,
      "named and listed",
      named.intersection(listed).count,
      "of",
      listed.count,
      "dskm2",
      walked.files.values.filter { $0.dskm2 != nil }.count
    )
    print(walked.drift.findings)
    let rest = listed.subtracting(named).sorted()
    print(
      rest.prefix(20),
      Dictionary(grouping: rest, by: { $0.split(separator: "/").prefix(3).joined(separator: "/") }).mapValues(\.count)
        .sorted { $0.value > $1.value }.prefix(20)
    )
    #expect(named.intersection(listed).count >= 73_264)
  }

  @Test func `every index of both samples parses`() throws {
    let listed = try RealSamples.listedPaths()
    for name in ["kaspersky-2025-11-11.tar.xz", "kaspersky-2015-10-28.tar.xz"] {
      let unpacked = TemporaryFolder()
      let tree = try RealSamples.unpack(name, into: unpacked)
      var named = Set<String>()
      var noInline = Set<String>()
      var indexes = 0, records = 0
      for case let path as String in FileManager.default.enumerator(atPath: tree.string) ?? .init()
      where path.hasSuffix(".xml") {
        guard let data = FileManager.default.contents(atPath: tree.pushing(FilePath(path)).string) else { continue }
        guard data.range(of: Data("</Update>".utf8)) != nil || data.range(of: Data("</UpdateFiles>".utf8)) != nil else {
          continue
        }
        let file = try IndexParser.parse(Array(data), at: TreePath(path))
        indexes += 1
        records += file.entries.count
        named.formUnion(file.entries.map(\.path.string))
        noInline.formUnion(file.entries.filter { $0.kind != .inline }.map(\.path.string))
        named.insert(path)
        noInline.insert(path)
      }
      print(name, indexes, records, named.count, named.intersection(listed).count, noInline.intersection(listed).count)
    }
  }
}
