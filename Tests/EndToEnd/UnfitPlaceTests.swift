import Foundation
import SystemPackage
import TestSupport
import Testing

/// A store on a file system that cannot hold one is an error before anything is fetched.
@Suite struct UnfitPlaceTests {
  @Test(.enabled(if: RealFileSystem.possible.contains(.exfat), "exFAT cannot be mounted here"))
  func `a store on exFAT is refused before a file is fetched, and doctor says so beforehand`() async throws {
    let world = try World(files: 20)
    let medium = try RealFileSystem(.exfat, in: world.folder)
    let store = medium.path.appending("store")
    let words = ["--config", world.configuration.string, "--store", store.string]
    let judged = try await world.run(["doctor"] + words)
    #expect(judged.output.contains("do not work on its file system"), "\(judged.output)")
    let synced = try await world.run(["sync"] + words)
    #expect(synced.status == Exit.badStore, "\(synced.errors)")
    #expect(synced.errors.contains("no store can be made in \(store)") && synced.errors.contains("ext4"))
    #expect(!synced.errors.contains("fetching"), "\(synced.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: medium.path.string) == [])
    // A folder that was there stays, and stays empty.
    try FileManager.default.createDirectory(atPath: store.string, withIntermediateDirectories: false)
    #expect(try await world.run(["sync"] + words).status == Exit.badStore)
    #expect(try FileManager.default.contentsOfDirectory(atPath: store.string) == [])
  }

  @Test(.enabled(if: RealFileSystem.possible.contains(.exfat), "exFAT cannot be mounted here"))
  func `what --fit is told that a stick has free fits it, whatever the size of its blocks`() async throws {
    let world = try World(files: 200, meanSize: 60_000)
    try #require(try await world.sync().status == 0)
    try await world.makeKeys()
    let medium = try RealFileSystem(.exfat, in: world.folder, blockSize: 128 << 10)
    let ballast = medium.path.appending("ballast")
    let packed = try await world.pack()
    #expect(packed.status == 0, "\(packed.errors)")
    let bundle = try #require(try World.files(below: world.stick).values.map(\.count).reduce(0, +) as Int?)
    for extra in [2600, 1300, 400, 0] {
      let free = try medium.fill(ballast, leaving: bundle / 1024 + extra)
      let run = try await world.pack("--fit", "\(free)", to: medium.path)
      #expect(run.status == 0, "\(extra): \(run.errors)")
      for name in try FileManager.default.contentsOfDirectory(atPath: medium.path.string) {
        try FileManager.default.removeItem(atPath: medium.path.appending(name).string)
      }
    }
    // Without it, what does not fit leaves nothing.
    _ = try medium.fill(ballast, leaving: bundle / 1024)
    let run = try await world.pack(to: medium.path)
    #expect(run.status == Exit.noSpace, "\(run.errors)")
    #expect(run.errors.contains("--fit") && run.errors.contains("--spread"), "\(run.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: medium.path.string) == ["ballast"])
  }
}

/// Media that cannot be written to.
@Suite(.enabled(if: Mount.isPossible, Comment(rawValue: Mount.absence))) struct WriteProtectedTests {
  @Test func `a write-protected medium is said to be one, before anything is done`() async throws {
    let world = try World(files: 20)
    try #require(try await world.sync().status == 0)
    try #require(try await world.pack().status == 0)
    try #require(try await world.import().status == 0)
    let medium = try Mount.bind(try world.folder.subfolder("stick-2"), at: world.folder["protected"], readOnly: true)
    defer { medium.unmount() }
    let (connected, isolated) = (world.configuration.string, world.isolatedConfiguration.string)
    let there = medium.path.string
    for words in [
      ["pack", "--full", "--here", "--config", connected, "--output", there],
      ["receipt", "--here", "--site", "plant-7", "--config", isolated, "--output", there],
      ["import", world.stick.string, "--again", "--evidence", there, "--config", isolated],
    ] {
      let run = try await world.run(words)
      #expect(run.status == Exit.cannotCreate, "\(words): \(run)")
      #expect(run.errors.contains("write-protected") && run.errors.contains("remount,rw"), "\(run.errors)")
      #expect(!run.errors.contains("publishing"), "\(run.errors)")
    }
    #expect(world.current(world.isolated) != nil)
  }
}
