import FileSystem
import Foundation
import MirrorTypes
import SystemPackage
import TestSupport
import Testing

/// The names below a folder of anybody's.
@Suite struct TreeScanTests {
  private let ground = TemporaryFolder()

  @Test
  func `files and folders are listed, links and pipes and odd names are others, and nothing is entered by a link`()
    throws
  {
    let root = try OpenFolder(ground.subfolder("root")).place
    try root.pushing("a/b").makeFolder()
    try root.pushing("a/b/file").replace(with: [1, 2])
    try root.appending(bytes: [0xFF]).replace(with: [1])
    try root.appending("name.").replace(with: [1])
    try Files.makeLink(ground["root/link"], to: "a")
    try #require(mkfifo(ground["root/pipe"].string, 0o600) == 0)
    let scan = try TreeScan(root)
    #expect(scan.files.mapValues(\.size) == [try TreePath("a/b/file"): 2])
    #expect(scan.folders.map(\.string) == ["a", "a/b"])
    #expect(Set(scan.others.map { $0.name }) == ["link", "pipe", "\u{FFFD}", "name."])
    #expect(throws: FileError.self) { try TreeScan(root, atMost: 5) }
  }

  @Test func `folders deeper than any path are not entered`() throws {
    var place = try OpenFolder(ground.subfolder("deep")).place
    let root = place
    for _ in 0..<40 { place = place.appending("d") }
    try place.makeFolder()
    let scan = try TreeScan(root)
    #expect(scan.folders.count == TreePath.maximumDepth)
    #expect(scan.others.count == 1)
  }
}
