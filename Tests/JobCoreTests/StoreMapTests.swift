import Catalogue
import FileSystem
import SystemPackage
import TestSupport
import Testing

@testable import ContentStore
@testable import JobCore

/// One map of the store: what kscmirror lays into a store, the store knows, and every lock lies where nothing else does.
@Suite struct StoreMapTests {
  @Test(arguments: StoreMap.Entry.allCases.filter { $0 != .catalogue })
  func `a folder with nothing but a thing of a store is no foreign folder`(_ entry: StoreMap.Entry) throws {
    let folder = TemporaryFolder()
    let root = folder["store"]
    try Files.makeFolder(root)
    if entry == .objects || entry == .releases {
      try Files.makeFolder(StoreMap(root)[entry])
    } else {
      try Files.replace(StoreMap(root)[entry], with: [])
    }
    let finding = try StoreOpening(root).recognise()
    #expect(finding == .nothing)
  }

  @Test func `a folder with anything else is foreign`() throws {
    let folder = TemporaryFolder()
    let root = folder["store"]
    try Files.makeFolder(root)
    try Files.replace(root.appending("thesis.txt"), with: [])
    #expect(throws: StoreError.foreign(root)) { try StoreOpening(root).recognise() }
  }

  @Test(
    arguments: [.metadata, .keys, .trust, .receipts, .parcels, .licences, .ksn, .exchange, .notices]
      as [StoreMap.Entry]
  )
  func `what a killed run has left half-written is removed by the next one that writes there`(
    _ entry: StoreMap.Entry
  ) throws {
    let folder = TemporaryFolder()
    for place in [folder["store"], StoreMap(folder["store"])[entry]] {
      try Files.makeFolder(place)
      let file = place.appending("state.json")
      // As a file is named until it is whole.
      try Files.replace(place.appending(".kscmirror-3abc.tmp"), with: [1])
      try Files.replace(file, with: [2])
      #expect(try Files.entries(of: place).map(\.name) == ["state.json"])
      try Files.remove(file)
    }
  }

  @Test func `each lock has a place of its own, below something that the store knows`() throws {
    let places = StoreLock.allCases.map { $0.path(in: "/store") }
    #expect(Set(places).count == places.count)
    for place in places {
      let name = try #require(place.components.dropFirst().first?.string)
      #expect(StoreMap.Entry(rawValue: name) != nil, "\(place)")
      #expect(place.components.count > 2 || name.hasSuffix(".lock"), "\(place)")
    }
  }

  @Test(arguments: StoreLock.allCases)
  func `a lock is held by one, and those at the root are taken only where there is a store`(_ lock: StoreLock) throws {
    let folder = TemporaryFolder()
    let store = folder["store"]
    let needsStore = lock == .publish || lock == .packages
    if needsStore {
      #expect(throws: JobError.self) { try lock.take(in: store) }
      #expect(try Files.status(store) == nil)
      _ = try ContentStore.open(store, access: .writing, create: true)
    }
    let held = try lock.take(in: store)
    #expect(try FileLock.take(lock.path(in: store)) == nil)
    withExtendedLifetime(held) {}
  }
}
