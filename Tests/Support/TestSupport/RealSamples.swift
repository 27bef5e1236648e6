import Foundation
import SystemPackage

/// Two real trees' indexes, published as archives beside the package, or in the folder that the environment variable
/// `KSCMIRROR_SAMPLES` names; tests on them are skipped where they are absent.
package enum RealSamples {
  /// Why tests on them are skipped.
  package static let absence = "the real index samples are neither beside the package nor in KSCMIRROR_SAMPLES"

  /// Where they lie.
  package static let folder: FilePath = {
    if let named = ProcessInfo.processInfo.environment["KSCMIRROR_SAMPLES"] { return FilePath(named) }
    return FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
      .removingLastComponent()
      .pushing("../shared/reference/update-indexes")
  }()

  /// Whether they are there.
  package static var areThere: Bool {
    FileManager.default.fileExists(atPath: folder.appending("kaspersky-2025-11-11.tar.xz").string)
  }

  /// The paths of all files of the 2025 tree.
  package static func listedPaths() throws -> Set<String> {
    let list = try Command.run("xz", ["-dc", folder.appending("kaspersky-2025-11-11.files.txt.xz").string])
    return Set(list.split(separator: "\n").map(String.init))
  }
}

/// One of the two trees, unpacked as long as this object lives.
package final class RealTree: Sendable {
  private let unpacked = TemporaryFolder()
  private let root: FilePath

  /// The tree of 2025 or 2015.
  package init(_ year: Int) throws {
    let name = year == 2025 ? "kaspersky-2025-11-11.tar.xz" : "kaspersky-2015-10-28.tar.xz"
    try Command.run("tar", ["xJf", RealSamples.folder.appending(name).string, "-C", unpacked.path.string])
    let inner = unpacked["dnl-01.geo.kaspersky.com"]
    root = FileManager.default.fileExists(atPath: inner.string) ? inner : unpacked.path
  }

  /// Whether the archives have files of this name's kind.
  package static func holds(_ path: String) -> Bool {
    [".xml", ".mft", ".stt", ".set"].contains { path.hasSuffix($0) }
  }

  /// Where a file lies.
  package func file(_ path: String) -> FilePath { root.pushing(FilePath(path)) }

  /// The bytes of a file; `nil` where it is absent.
  package func bytes(of path: String) -> [UInt8]? {
    FileManager.default.contents(atPath: file(path).string).map { Array($0) }
  }

  /// The primary indexes.
  package func primaries() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: file("index").string).map { "index/\($0)" }.sorted()
      + ["updaters/updater.xml"].filter { FileManager.default.fileExists(atPath: file($0).string) }
  }

  /// Every XML file that ends as an index does, stale ones too.
  package func indexes() -> [(path: String, bytes: [UInt8])] {
    let ends = [Data("</Update>".utf8), Data("</UpdateFiles>".utf8)]
    let names = FileManager.default.enumerator(atPath: root.string)?.compactMap { $0 as? String } ?? []
    return names.filter { $0.hasSuffix(".xml") }.sorted().compactMap { path in
      guard let data = FileManager.default.contents(atPath: file(path).string),
        ends.contains(where: { data.range(of: $0) != nil })
      else { return nil }
      return (path, Array(data))
    }
  }
}
