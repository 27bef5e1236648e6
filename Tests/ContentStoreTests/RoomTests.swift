import Catalogue
import FileSystem
import StoreFixtures
import SystemPackage
import Testing

@testable import ContentStore

/// What a store keeps so that room can be made where there is none, and what is not taken away under somebody's feet.
@Suite struct RoomTests {
  let fixture = StoreFixture()
  private var reserve: FilePath { fixture.root.appending("reserve") }

  private func size() throws -> Int64? { try Files.status(reserve)?.size }

  @Test func `the reserve is made when a store is closed, given to who makes room, and made again`() throws {
    do {
      let store = try fixture.open()
      try store.seal(["updates/a": "a"])
      #expect(try size() == nil)
    }
    #expect(try size() == 2 << 20)
    #expect(try Files.status(reserve)?.permissions == 0o600)
    do {
      let store = try ContentStore.open(fixture.root, access: .makingRoom)
      #expect(try size() == nil)
      try store.seal(["updates/a": "b"])
      #expect(try store.prune(keeping: 1, dryRun: false).snapshots == [1])
    }
    #expect(try size() == 2 << 20)
    // One that was cut short is made whole.
    try Files.replace(reserve, with: [1, 2, 3])
    do { _ = try fixture.open() }
    #expect(try size() == 2 << 20)
    do { _ = try fixture.openForReading() }
    #expect(try fixture.openForReading().verify().isClean)
  }

  @Test(arguments: [(0, 2 << 20), (8 << 20, 2 << 20), (40 << 20, 10 << 20), (1 << 40, 64 << 20)] as [(Int64, Int64)])
  func `it grows with the catalogue, within bounds`(_ catalogue: Int64, _ size: Int64) {
    #expect(Reserve.size(forCatalogue: catalogue) == size)
  }

  @Test func `its bytes cannot be made fewer`() throws {
    do { _ = try fixture.open() }
    let bytes = try Files.read(reserve, atMost: 4 << 20)
    let words = Set(stride(from: 0, to: bytes.count, by: 8).map { Array(bytes[$0..<$0 + 8]) })
    #expect(words.count == bytes.count / 8)
  }

  @Test func `who makes room first removes what a killed run left, and not what can be continued`() throws {
    do { _ = try fixture.open() }
    let key = PartialFiles.name(ofKey: "k")
    for name in ["new-1", "release-7", "\(key).kept", "\(key).tag"] {
      try Files.replace(fixture.root.appending("partial").appending(name), with: Array("half".utf8))
    }
    try StoreRepair.makeRoom(StoreLayout(fixture.root))
    #expect(try fixture.names("partial") == ["\(key).kept", "\(key).tag"])
    #expect(try size() == nil)
  }

  @Test func `snapshots go piece by piece as they go all at once`() throws {
    let store = try fixture.open()
    for day in 1...4 { try store.seal(["updates/a": "\(day)", "updates/b": "same"]) }
    for number in 1...4 { _ = try store.publish(number) }
    var report = PruneReport(isDryRun: false)
    (report.snapshots, report.releases) = ([1, 2], [1, 2])
    try store.strikeOutByPieces(&report)
    #expect(report.objects == 2 && report.bytes == 2)
    #expect(try store.snapshots().map(\.number) == [3, 4] && store.releases().map(\.number) == [3, 4])
    #expect(try store.verify().isClean)
  }

  @Test func `releases are held by what lies below them, each by all its holders`() {
    func holder(_ inner: FilePath, _ place: FilePath) -> FolderHolder {
      FolderHolder(inner: inner, way: .mount(place), process: nil)
    }
    let held = HeldRelease.all([
      holder("3/updates", "/a"), holder("12", "/b"), holder("3", "/c"), holder("4.partial", "/d"), holder("x", "/e"),
    ])
    #expect(held.map(\.number) == [3, 12])
    #expect("\(held[0])" == "release 3 is mounted at /a, and is held in 1 more place")
    #expect("\(held[1])" == "release 12 is mounted at /b")
  }
}
