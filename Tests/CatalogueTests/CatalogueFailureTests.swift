import Failures
import FileSystem
import GRDB
import StoreFixtures
import SystemPackage
import Testing

@testable import Catalogue

/// What SQLite's answers mean, by where the catalogue lies.
@Suite struct CatalogueFailureTests {
  private static let path: FilePath = "/store/catalogue.sqlite"

  private static func judged(_ code: ResultCode, _ change: (inout CataloguePlace) -> Void = { _ in }) -> StoreError {
    var place = CataloguePlace(path: path)
    change(&place)
    return .judged(code, "SQLite's words", at: place)
  }

  private static let places: [@Sendable (inout CataloguePlace) -> Void] = [
    { _ in }, { $0.isThere = false }, { $0.isReadOnly = true }, { $0.isFull = true },
    { $0.unreadable = "/store/catalogue.sqlite-shm" }, { $0.isWritable = false },
    { ($0.isWritable, $0.missing) = (false, ["catalogue.sqlite-wal"]) },
    { ($0.isReadOnly, $0.missing, $0.hasChanges) = (true, ["catalogue.sqlite-shm"], true) }, { $0.kind = "NFS" },
  ]

  @Test(arguments: [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT, .SQLITE_ERROR] as [ResultCode])
  func `damage is damage wherever the catalogue lies, and is put back from a copy`(_ code: ResultCode) {
    for place in Self.places {
      let error = Self.judged(code, place)
      #expect(error == .catalogue(Self.path, "SQLite's words"))
      #expect(error.status == .badStore && error.description.contains("Put it back from a copy"))
    }
  }

  @Test(
    arguments: [
      .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_FULL, .SQLITE_PERM, .SQLITE_NOLFS, .SQLITE_NOMEM,
    ] as [ResultCode]
  )
  func `nothing else is said to be wrong with the catalogue, and each has its advice`(_ code: ResultCode) {
    for place in Self.places {
      let error = Self.judged(code, place)
      let text = "\(error) \(error.remedy ?? "")"
      #expect(!text.contains("from a copy") && !text.contains("fill a new one"), "\(text)")
      #expect([.noSpace, .permission, .cannotCreate, .inputOutput, .notThere].contains(error.status), "\(text)")
      if case .file = error { continue }
      #expect(error.remedy != nil, "\(text)")
    }
  }

  @Test func `the place decides: gone, closed, full, read-only, not writable, shared, or else the disk`() {
    #expect(Self.judged(.SQLITE_FULL) == .outOfSpace(Self.path))
    for code in [ResultCode.SQLITE_IOERR, .SQLITE_CANTOPEN] {
      #expect(
        Self.judged(code) { $0.isThere = false } == .file(FileError("open", Self.path, .noSuchFileOrDirectory))
      )
      let memory: FilePath = "/store/catalogue.sqlite-shm"
      #expect(Self.judged(code) { $0.unreadable = memory } == .file(FileError("open", memory, .permissionDenied)))
      #expect(Self.judged(code) { $0.isFull = true } == .outOfSpace(Self.path))
      let withoutMemory = Self.judged(code) { ($0.isReadOnly, $0.missing, $0.hasChanges) = (true, ["x"], true) }
      #expect(withoutMemory == .trouble(Self.path, .readOnly) && withoutMemory.status == .permission)
      let names = ["catalogue.sqlite-wal", "catalogue.sqlite-shm"]
      let closed = Self.judged(code) { ($0.isWritable, $0.missing, $0.owner) = (false, names, "maria") }
      #expect(closed == .trouble(Self.path, .mayNotMake(names, owner: "maria")))
      #expect(closed.remedy?.contains("As user maria") == true)
      #expect(Self.judged(code) { $0.kind = "NFS" } == .trouble(Self.path, .shared("NFS", reason: "SQLite's words")))
      let disk = Self.judged(code)
      #expect(disk == .trouble(Self.path, .disk(reason: "SQLite's words")) && disk.status == .inputOutput)
    }
    #expect(
      Self.judged(.SQLITE_READONLY) { $0.isReadOnly = true }
        == .file(FileError("write", Self.path, .readOnlyFileSystem))
    )
    #expect(
      Self.judged(.SQLITE_READONLY) { $0.isWritable = false }
        == .file(FileError("write", Self.path, .permissionDenied))
    )
  }

  @Test func `a catalogue is unchanging where nothing can be written, and nothing waits in its log`() {
    func isUnchanging(_ change: (inout CataloguePlace) -> Void) -> Bool {
      var place = CataloguePlace(path: Self.path)
      (place.isReadOnly, place.missing) = (true, ["catalogue.sqlite-shm"])
      change(&place)
      return place.isUnchanging
    }
    #expect(isUnchanging { _ in })
    #expect(!isUnchanging { $0.isReadOnly = false })
    #expect(!isUnchanging { $0.hasChanges = true })
    #expect(!isUnchanging { $0.missing = [] })
    #expect(!isUnchanging { $0.isThere = false })
  }

  @Test func `a place is looked at as it is`() throws {
    let fixture = StoreFixture()
    do { _ = try fixture.open() }
    let path = fixture.root.appending("catalogue.sqlite")
    let whole = CataloguePlace(path)
    #expect(whole.isThere && whole.missing.isEmpty && whole.isWritable && !whole.isReadOnly && !whole.isFull)
    #expect(whole.unreadable == nil && !whole.owner.isEmpty)
    try Files.remove(FilePath(path.string + "-shm"))
    try Files.replace(FilePath(path.string + "-wal"), with: [1])
    let changed = CataloguePlace(path)
    #expect(changed.missing == ["catalogue.sqlite-shm"] && changed.hasChanges)
    #expect(!CataloguePlace(fixture.root.appending("none")).isThere)
  }
}
