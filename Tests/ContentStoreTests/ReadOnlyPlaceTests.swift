import Catalogue
import FileSystem
import StoreFixtures
import SystemPackage
import TestSupport
import Testing

@testable import ContentStore

/// A store that is read where nothing can be written. Needs root.
@Suite struct ReadOnlyPlaceTests {
  /// A folder at a second place, where nothing can be written.
  private struct ReadOnlyView {
    let path: FilePath

    init(_ folder: FilePath, at path: FilePath) throws {
      self.path = path
      try Files.makeFolder(path)
      try Command.run("mount", ["--bind", folder.string, path.string])
      try Command.run("mount", ["-o", "remount,ro,bind", path.string])
    }

    func unmount() { _ = try? Command.run("umount", ["-l", path.string]) }
  }

  private static let isPossible: Bool = {
    let folder = TemporaryFolder()
    guard let view = try? ReadOnlyView(folder.path, at: folder["view"]) else { return false }
    view.unmount()
    return true
  }()

  @Test(.enabled(if: isPossible, "nothing can be mounted here"))
  func `what was taken for unchanging is read anew when somebody writes to it at another place`() throws {
    let fixture = StoreFixture()
    do { _ = try fixture.open().seal(["updates/a": "a"]) }
    for suffix in ["-wal", "-shm"] { try Files.remove(fixture.root.appending("catalogue.sqlite\(suffix)")) }
    let view = try ReadOnlyView(fixture.root, at: fixture.folder["view"])
    defer { view.unmount() }
    let reader = try ContentStore.open(view.path, access: .reading)
    #expect(try reader.snapshots().count == 1)
    do {
      let writer = try fixture.open()
      try writer.seal(["updates/a": "b"])
      #expect(try reader.snapshots().count == 2)
      try writer.seal(["updates/a": "c"])
      #expect(try reader.snapshots().count == 3)
    }
    #expect(try reader.snapshots().count == 3)
    #expect(try reader.verify().isClean)
  }
}
