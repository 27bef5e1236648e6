import Foundation
import SystemPackage
import TestSupport
import Testing

/// Bundles are found by what they are, whatever people and systems do to sticks.
@Suite struct FoundBundleTests {
  private func packed() async throws -> World {
    let world = try World(files: 30)
    try world.configureIsolated("site = \"plant\"\n[import]\nstrict = true")
    try #require(try await world.sync().status == 0)
    try #require(try await world.pack().status == 0)
    try await world.trust()
    return world
  }

  @Test(arguments: [
    "kscmirror-000001 (1)", "KSCMIRROR-000001", "bases-monday", "kscmirror-000001 — копия", "a/b/kscmirror-000001",
    "kscmirror-000001/kscmirror-000001", "from office/bases", "kscmirror-000099",
  ])
  func `a bundle that was renamed, or lies in other folders, is imported`(_ name: String) async throws {
    let world = try await packed()
    let moved = world.stick.pushing(FilePath(name))
    let aside = world.folder["aside"]
    try FileManager.default.moveItem(atPath: world.bundle(1).string, toPath: aside.string)
    try FileManager.default.createDirectory(
      atPath: moved.removingLastComponent().string,
      withIntermediateDirectories: true
    )
    try FileManager.default.moveItem(atPath: aside.string, toPath: moved.string)
    for path in [world.stick, moved, moved.appending("data")] {
      let looked = try await world.run("inspect", "--config", world.isolatedConfiguration.string, path.string)
      #expect(looked.status == 0, "\(path): \(looked.errors)")
    }
    let taken = try await world.import()
    #expect(taken.status == 0, "\(taken.errors)")
    #expect(try world.published(world.isolated) == world.expected())
    // The receipt lies where the stick was named, and 'collect' finds it there.
    #expect(FileManager.default.fileExists(atPath: world.stick.appending("kscmirror-receipt-plant.json").string))
  }

  @Test func `a bundle whose names a copy has left in capitals is imported, and collected from`() async throws {
    let world = try await packed()
    try Self.capitalise(world.stick)
    #expect(FileManager.default.fileExists(atPath: world.stick.pushing("KSCMIRROR-000001/BAG-INFO.TXT").string))
    let looked = try await world.run("inspect", "--config", world.isolatedConfiguration.string, world.stick.string)
    #expect(looked.status == 0, "\(looked.errors)")
    // 'strict' is set: what only has other capitals is no stranger.
    let taken = try await world.import()
    #expect(taken.status == 0, "\(taken.errors)")
    #expect(try world.published(world.isolated) == world.expected())
    // The receipt is written with its own name.
    #expect(FileManager.default.fileExists(atPath: world.stick.appending("kscmirror-receipt-plant.json").string))
  }

  /// Gives everything below a folder a name without small letters.
  static func capitalise(_ folder: FilePath) throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.string) {
      let capital = folder.appending(name.uppercased())
      try FileManager.default.moveItem(atPath: folder.appending(name).string, toPath: capital.string)
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: capital.string, isDirectory: &isFolder), isFolder.boolValue {
        try capitalise(capital)
      }
    }
  }

  @Test func `of several bundles, renamed ones too, the newest is taken`() async throws {
    let world = try await packed()
    try FileManager.default.moveItem(atPath: world.bundle(1).string, toPath: world.stick.appending("monday").string)
    try world.age()
    try #require(try await world.sync().status == 0)
    try #require(try await world.pack().status == 0)
    try FileManager.default.moveItem(atPath: world.bundle(2).string, toPath: world.stick.appending("a tuesday").string)
    let taken = try await world.import()
    #expect(taken.status == 0 && taken.output.contains("snapshot 2"), "\(taken.output)\(taken.errors)")
    #expect(taken.errors.contains("kscmirror-000002 under another name"), "\(taken.errors)")
  }

  @Test func `what lies in a waste basket, or too deep, is no bundle`() async throws {
    let world = try await packed()
    for place in [".Trash-1000/files/x", "$RECYCLE.BIN/x", "1/2/3/x"] {
      let bundle = world.stick.pushing(FilePath(place))
      try FileManager.default.createDirectory(
        atPath: bundle.removingLastComponent().string,
        withIntermediateDirectories: true
      )
      try FileManager.default.copyItem(atPath: world.bundle(1).string, toPath: bundle.string)
    }
    try FileManager.default.removeItem(atPath: world.bundle(1).string)
    let none = try await world.import()
    #expect(none.status == Exit.notABundle && none.errors.contains("no bundle here"), "\(none.errors)")
  }

  @Test func `what Windows, macOS and desktops leave on a stick is ignored in silence, under strict too`()
    async throws
  {
    let world = try await packed()
    let folders = [
      "$RECYCLE.BIN/S-1-5-21", "System Volume Information", ".Trash-1000/files", ".Trashes/501", ".fseventsd",
      ".Spotlight-V100/Store-V2", "LOST.DIR", "Android", "FOUND.000", "RECYCLER",
    ]
    for name in folders {
      let folder = world.stick.pushing(FilePath(name))
      try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
      try world.write("x", to: folder.appending("inside.exe"))
    }
    let bundle = world.bundle(1)
    let files = [
      "Thumbs.db", ".DS_Store", "desktop.ini", "._kscmirror-000001.001.tar.zst", "._.Trashes",
    ]
    for place in [world.stick, bundle]
      + ["data", "data/volumes", "data/metadata"].map({ bundle.pushing(FilePath($0)) })
    {
      for name in files { try world.write("x", to: place.appending(name)) }
    }
    let volume = try #require(try world.volumes(1).first { $0.lastComponent?.string.hasSuffix("tar.zst") == true })
    try world.write("x", to: volume.removingLastComponent().appending("._\(volume.lastComponent?.string ?? "")"))
    for words in [["--dry-run"], ["--strict"]] {
      let taken = try await world.run(
        ["import", "--quiet", "--config", world.isolatedConfiguration.string, world.stick.string] + words
      )
      #expect(taken.status == 0 && taken.errors.isEmpty && taken.output.isEmpty, "\(taken.output)\(taken.errors)")
    }
    let looked = try await world.run(
      "inspect",
      "--json",
      "--config",
      world.isolatedConfiguration.string,
      world.stick.string
    )
    #expect(looked.status == 0, "\(looked.errors)")
    // A link with such a name is somebody's doing.
    try FileManager.default.createSymbolicLink(
      atPath: world.stick.appending("RECYCLED").string,
      withDestinationPath: "/etc"
    )
    #expect(try await world.import().status == Exit.strangers)
  }
}
