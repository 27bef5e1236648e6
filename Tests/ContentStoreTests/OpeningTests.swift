import Catalogue
import ContentStore
import FileSystem
import Foundation
import GRDB
import StoreFixtures
import SystemPackage
import TestSupport
import Testing

@Suite struct OpeningTests {
  let fixture = StoreFixture()

  @Test func `a store is made where there is nothing, and opens again`() throws {
    do { #expect(try fixture.open().snapshots().isEmpty) }
    #expect(try fixture.names("").contains("catalogue.sqlite"))
    #expect(try fixture.names("objects").count == 256)
    #expect(try fixture.open(create: false).repairs.isEmpty)
  }

  @Test func `an empty folder and a new file system become a store, reached by a link too`() throws {
    try Files.makeFolder(fixture.folder["real/lost+found"])
    try Files.makeLink(fixture.root, to: "real")
    let store = try fixture.open()
    #expect(store.root == (try Files.resolvingLinks(fixture.folder["real"])))
  }

  @Test func `nothing is made where only a look was asked for`() throws {
    #expect(throws: StoreError.notAStore(fixture.root)) { try fixture.openForReading() }
    #expect(throws: StoreError.notAStore(fixture.root)) { try fixture.open(create: false) }
    #expect(throws: StoreError.notAStore(fixture.root)) {
      try ContentStore.open(fixture.root, access: .reading, create: true)
    }
    #expect(try Files.status(fixture.root) == nil)
  }

  @Test func `a folder with other files is refused and stays as it is`() throws {
    try Files.makeFolder(fixture.root)
    try Files.replace(fixture.folder["store/thesis.txt"], with: [1])
    #expect(throws: StoreError.foreign(fixture.root)) { try fixture.open() }
    #expect(try fixture.names("") == ["thesis.txt"])
  }

  @Test func `a file in the place of the folder is refused`() throws {
    try Files.replace(fixture.root, with: [1])
    #expect(throws: StoreError.foreign(fixture.root)) { try fixture.open() }
  }

  @Test func `the database of another program is refused`() throws {
    try Files.makeFolder(fixture.root)
    let path = fixture.folder["store/catalogue.sqlite"]
    try DatabaseQueue(path: path.string).write { try $0.execute(sql: "CREATE TABLE t (a)") }
    #expect(throws: StoreError.foreign(fixture.root)) { try fixture.open() }
  }

  @Test func `a store whose making was cut short is made whole`() throws {
    try Files.makeFolder(fixture.folder["store/objects/00"])
    try Files.makeFolder(fixture.folder["store/partial"])
    try Files.replace(fixture.folder["store/partial/catalogue.new"], with: Array("half".utf8))
    try Files.replace(fixture.folder["store/lock"], with: [])
    #expect(try fixture.open().snapshots().isEmpty)
    #expect(try fixture.names("partial").isEmpty)
  }

  @Test func `a store that lost its catalogue is not taken for a new one`() throws {
    do { _ = try fixture.open().seal(["updates/a": "a"]) }
    for suffix in ["", "-wal", "-shm"] { try Files.remove(fixture.folder["store/catalogue.sqlite\(suffix)"]) }
    let error = #expect(throws: StoreError.self) { try fixture.open() }
    #expect(error?.description.contains("missing") == true)
  }

  @Test(arguments: ["head", "body"]) func `a damaged catalogue is reported as such`(part: String) throws {
    do { _ = try fixture.open().seal(["updates/a": "a"]) }
    let path = fixture.folder["store/catalogue.sqlite"]
    var bytes = try Files.read(path, atMost: 1 << 24)
    for index in (part == "head" ? 0 : 100)..<bytes.count { bytes[index] = 0x55 }
    try Files.replace(path, with: bytes)
    for suffix in ["-wal", "-shm"] { try Files.remove(fixture.folder["store/catalogue.sqlite\(suffix)"]) }
    for access in [StoreAccess.reading, .writing] {
      let error = #expect(throws: StoreError.self) { try ContentStore.open(fixture.root, access: access) }
      guard case .catalogue(let named, _) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect(named.lastComponent == "catalogue.sqlite")
    }
  }

  @Test func `a catalogue that a newer version changed is refused`() throws {
    do { _ = try fixture.open() }
    try DatabaseQueue(path: fixture.folder["store/catalogue.sqlite"].string).write { db in
      try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 of tomorrow')")
    }
    let root = try Files.resolvingLinks(fixture.root)
    for access in [StoreAccess.reading, .writing] {
      #expect(throws: StoreError.tooNew(root, version: "99 of tomorrow")) {
        try ContentStore.open(fixture.root, access: access)
      }
    }
  }

  @Test func `a second writer is turned away at once, a reader is not`() throws {
    let store = try fixture.open()
    try store.seal(["updates/a": "a"])
    let error = #expect(throws: StoreError.self) { try fixture.open() }
    guard case .busy(store.root, let holder) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(holder?.process == Int(getpid()))
    let reader = try fixture.openForReading()
    #expect(try reader.snapshots().count == 1)
    try store.seal(["updates/a": "b"])
    #expect(try reader.snapshots().count == 2)
    #expect(throws: StoreError.openedForReading(store.root)) { try reader.writer() }
    #expect(throws: StoreError.openedForReading(store.root)) { try reader.publish(1) }
    #expect(throws: StoreError.openedForReading(store.root)) {
      try reader.record(Run(job: "sync", started: 1, finished: 2, outcome: .ok, message: ""))
    }
  }

  @Test func `a reader sees one state while a writer goes on`() throws {
    let store = try fixture.open()
    try store.seal(["updates/a": "a", "updates/b": "b"])
    let reader = try fixture.openForReading()
    var seen: [String] = []
    try reader.forEachFile(in: 1) { file in
      if seen.isEmpty { try store.seal(["updates/c": "c"]) }
      seen.append(file.path.string)
      #expect(try reader.snapshots().count == 1)
    }
    #expect(seen == ["updates/a", "updates/b"])
    #expect(try reader.snapshots().count == 2)
  }

  @Test func `a reader does not need to write`() throws {
    do { _ = try fixture.open().seal(["updates/a": "a"]) }
    // The files that SQLite needs beside the catalogue stay, so that a user who may not make them can read.
    #expect(try fixture.names("").filter { $0.hasPrefix("catalogue") }.count == 3)
    let before = try Files.status(fixture.folder["store/catalogue.sqlite"])
    #expect(try fixture.openForReading().verify().isClean)
    #expect(try Files.status(fixture.folder["store/catalogue.sqlite"]) == before)
  }

  @Test func `a link in the place of a folder of the store is refused`() throws {
    do { _ = try fixture.open() }
    try Files.removeTree(fixture.folder["store/objects/ab"])
    try Files.makeFolder(fixture.folder["elsewhere"])
    try Files.makeLink(fixture.folder["store/objects/ab"], to: fixture.folder["elsewhere"].string)
    let error = #expect(throws: StoreError.self) { try fixture.open() }
    guard case .file(let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.path.lastComponent == "ab")
  }
}
