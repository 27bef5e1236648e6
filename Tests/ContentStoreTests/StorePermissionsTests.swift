import Catalogue
import FileSystem
import Glibc
import StoreFixtures
import SystemPackage
import TestSupport
import Testing

/// Who may see and lock what of a store.
@Suite struct StorePermissionsTests {
  let fixture = StoreFixture()

  private func permissions(_ name: String) throws -> UInt32? {
    try Files.status(name.isEmpty ? fixture.root : fixture.root.appending(name))?.permissions
  }

  /// What only the store's owner opens.
  private static let closed = [
    "lock", "catalogue.sqlite", "catalogue.sqlite-wal", "catalogue.sqlite-shm", "journal", "publish.lock",
    "metadata/lock", "receipts/lock",
  ]

  /// A store as older versions made it, with all its locks.
  private func makeOld() throws {
    do { _ = try fixture.open().seal(["updates/a": "a"]) }
    for folder in ["metadata", "receipts", "trust", "keys"] {
      try Files.makeFolder(fixture.root.appending(folder), permissions: 0o755)
    }
    for name in ["journal", "publish.lock", "metadata/lock", "receipts/lock"] {
      try Files.replace(fixture.root.appending(name), with: [])
    }
    for name in Self.closed { try #require(chmod(fixture.root.appending(name).string, 0o644) == 0) }
    for name in ["", "partial", "keys"] { try #require(chmod(fixture.root.appending(name).string, 0o755) == 0) }
  }

  @Test func `a new store lets others pass to what is served, and open nothing else`() throws {
    do {
      let store = try fixture.open()
      try store.seal(["updates/a": "a"])
      _ = try store.publish(1)
    }
    #expect(try permissions("") == 0o751)
    for name in Self.closed.prefix(4) { #expect(try permissions(name) == 0o600, "\(name)") }
    #expect(try permissions("partial") == 0o750)
    for name in ["objects", "objects/ab", "releases", "releases/1", "releases/1/updates"] {
      #expect(try permissions(name) == 0o755, "\(name)")
    }
    #expect(try permissions("releases/1/updates/a") == 0o444)
  }

  @Test func `a store of an older version is closed by the first writer, locks included`() throws {
    try makeOld()
    let inode = try Files.status(fixture.root.appending("metadata/lock"))?.inode
    do { _ = try fixture.open() }
    for name in Self.closed { #expect(try permissions(name) == 0o600, "\(name)") }
    #expect(try permissions("") == 0o751)
    #expect(try permissions("keys") == 0o700)
    for name in ["partial", "receipts", "trust"] { #expect(try permissions(name) == 0o750, "\(name)") }
    for name in ["objects", "releases", "metadata"] { #expect(try permissions(name) == 0o755, "\(name)") }
    // Whoever has the old lock open has another file.
    #expect(try Files.status(fixture.root.appending("metadata/lock"))?.inode != inode)
  }

  @Test func `a reader changes no permission`() throws {
    try makeOld()
    _ = try fixture.openForReading()
    for name in Self.closed { #expect(try permissions(name) == 0o644, "\(name)") }
  }

  @Test func `what an administrator has closed further stays closed`() throws {
    do { _ = try fixture.open() }
    try #require(chmod(fixture.root.string, 0o700) == 0)
    do { _ = try fixture.open() }
    #expect(try permissions("") == 0o700)
  }

  @Test func `a folder with the bit "set group" gives its catalogue, and no lock, to the group`() throws {
    do { _ = try fixture.open() }
    try #require(chmod(fixture.root.string, 0o2750) == 0)
    do { _ = try fixture.open().seal(["updates/a": "a"]) }
    #expect(try permissions("") == 0o2750)
    for name in ["catalogue.sqlite", "catalogue.sqlite-wal", "catalogue.sqlite-shm"] {
      #expect(try permissions(name) == 0o640, "\(name)")
    }
    #expect(try permissions("lock") == 0o600)
  }

  /// A read lock, for which it is enough to read the file, on the bytes by which SQLite locks.
  @Test func `a lock of another process on the catalogue's memory is "in use", and tells by whom`() async throws {
    do { _ = try fixture.open().seal(["updates/a": "a"]) }
    let memory = fixture.root.appending("catalogue.sqlite-shm").string
    let (ready, done) = (fixture.folder["ready"], fixture.folder["done"])
    async let holding = #expect(processExitsWith: .success) {
      [memory = memory as String, ready = ready.string as String, done = done.string as String] in
      let raw = open(memory, O_RDONLY)
      var lock = flock()
      lock.l_type = Int16(F_RDLCK)
      lock.l_start = 120
      lock.l_len = 8
      precondition(fcntl(raw, F_SETLK, &lock) == 0)
      try Files.replace(FilePath(ready), with: Array("\(getpid())".utf8))
      while access(done, F_OK) != 0 { usleep(10_000) }
    }
    while try Files.status(ready) == nil { usleep(10_000) }
    let process = Int(String(decoding: try Files.read(ready, atMost: 20), as: UTF8.self))
    let error = #expect(throws: StoreError.self) {
      let store = try fixture.open()
      try store.seal(["updates/a": "b"])
    }
    try Files.replace(done, with: [])
    _ = await holding
    guard case .busy(_, let holder) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(holder?.process == process)
    #expect(error?.description.contains("in use by process \(process ?? 0)") == true)
    #expect(error?.description.contains("copy") == false)
    // Nothing is wrong with it.
    #expect(try fixture.open().verify().isClean)
  }
}
