import Catalogue
import ContentStore
import Crypto
import FileSystem
import MirrorTypes
import StoreFixtures
import SystemPackage
import Testing

@Suite struct SnapshotTests {
  let fixture = StoreFixture()

  @Test func `a snapshot gives back what it was given, in the order of the paths' bytes`() throws {
    let store = try fixture.open()
    let object = try store.put("text")
    try store.commitObjects()
    let files = try ["updates/b/c", "updates/b-c", "updates/B", "packages/ä.msi", "updates/a"].map { path in
      SnapshotFile(
        path: try TreePath(path),
        object: object.digest,
        size: 4,
        source: "s",
        component: "KDB,KSN",
        namedBy: path == "updates/a" ? nil : "index/a.xml",
        origin: path == "updates/a" ? nil : "https://s00.example",
        fetched: 7,
        modified: path == "updates/B" ? 9 : nil
      )
    }
    let header = SnapshotHeader(created: 77, origin: .imported(bundle: "north-41"), notes: "{\"a\":1}")
    let snapshot = try store.seal(header) { add in try files.forEach(add) }
    #expect(snapshot.number == 1)
    #expect(snapshot.fileCount == 5)
    #expect(snapshot.totalBytes == 20)
    #expect(snapshot.origin == .imported(bundle: "north-41"))
    #expect(try store.snapshot(1) == snapshot)
    #expect(try store.snapshots() == [snapshot])
    #expect(try store.files(in: 1) == files.sorted { $0.path < $1.path })
    #expect(try store.file(files[0].path, in: 1) == files[0])
    #expect(try store.file(try TreePath("updates/none"), in: 1) == nil)
  }

  @Test func `the digest of a snapshot is the SHA-256 of its listing`() throws {
    let store = try fixture.open()
    let snapshot = try store.seal(["updates/b": "two", "updates/a": "one"])
    var listing: [UInt8] = []
    try store.writeListing(of: 1) { listing += $0 }
    let one = SHA256.hash(data: Array("one".utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    let two = SHA256.hash(data: Array("two".utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    #expect(String(decoding: listing, as: UTF8.self) == "\(one) 3 updates/a\n\(two) 3 updates/b\n")
    #expect(snapshot.treeDigest == ObjectDigest(bytes: SHA256.hash(data: listing)))
    var running = TreeListing()
    for file in try store.files(in: 1) { running.append(file.object, size: file.size, path: file.path) }
    #expect(running.digest() == snapshot.treeDigest)
  }

  @Test func `numbers follow each other, a given one is kept, a used one refused`() throws {
    let store = try fixture.open()
    #expect(try store.seal(["updates/a": "1"]).number == 1)
    #expect(try store.seal(["updates/a": "2"], number: 41).number == 41)
    #expect(try store.seal(["updates/a": "3"]).number == 42)
    #expect(throws: StoreError.snapshotExists(41)) { try store.seal(["updates/a": "4"], number: 41) }
    #expect(try store.seal(["updates/a": "5"], number: 7).number == 7)
    #expect(try store.snapshots().map(\.number) == [1, 7, 41, 42])
    #expect(throws: StoreError.noSuchSnapshot(5)) { try store.snapshot(5) }
    #expect(throws: StoreError.noSuchSnapshot(5)) { try store.files(in: 5) }
    #expect(throws: StoreError.noSuchSnapshot(5)) { try store.summary(of: 5) }
  }

  private func file(_ path: String, _ object: FinishedObject, size: Int64? = nil) throws -> SnapshotFile {
    SnapshotFile(
      path: try TreePath(path),
      object: object.digest,
      size: size ?? object.size,
      source: "s",
      component: "c",
      fetched: 1
    )
  }

  @Test func `a snapshot that does not hold together is refused and leaves nothing`() throws {
    let store = try fixture.open()
    let object = try store.put("a")
    let header = SnapshotHeader(created: 1)
    #expect(throws: StoreError.missingObject(object.digest, path: try TreePath("updates/a"))) {
      try store.seal(header) { add in try add(try file("updates/a", object)) }
    }
    try store.commitObjects()
    #expect(throws: StoreError.sizeMismatch(try TreePath("updates/a"), given: 2, object: 1)) {
      try store.seal(header) { add in try add(try file("updates/a", object, size: 2)) }
    }
    #expect(throws: StoreError.duplicatePath(try TreePath("updates/a"))) {
      try store.seal(header) { add in for _ in 0..<2 { try add(try file("updates/a", object)) } }
    }
    #expect(throws: StoreError.fileIsFolder(try TreePath("updates/a"))) {
      try store.seal(header) { add in
        for path in ["updates/a", "updates/a-b/c", "updates/a/b/c"] { try add(try file(path, object)) }
      }
    }
    let other = try store.put("b")
    try store.commitObjects()
    for (first, second) in [("updates/a", "updates/A"), ("updates/caf\u{E9}", "updates/cafe\u{301}")] {
      #expect {
        try store.seal(header) { add in
          try add(try file(first, object))
          try add(try file(second, other))
        }
      } throws: {
        guard case .pathsAlike = $0 as? StoreError else { return false }
        return "\($0)".contains("differ in case or in Unicode form only")
      }
    }
    let promised = try #require(ObjectDigest(hex: String(repeating: "ab", count: 32)))
    #expect(throws: StoreError.self) {
      try store.seal(SnapshotHeader(created: 1, treeDigest: promised)) { add in try add(try file("updates/a", object)) }
    }
    struct Interrupted: Error {}
    #expect(throws: Interrupted.self) {
      try store.seal(header) { add in
        try add(try file("updates/a", object))
        throw Interrupted()
      }
    }
    #expect(try store.snapshots().isEmpty)
    #expect(try store.seal(["updates/a": "a"]).number == 1)
    #expect(try store.verify().isClean)
  }

  @Test func `components are summed up`() throws {
    let store = try fixture.open()
    let (one, two) = (try store.put("one"), try store.put("three"))
    try store.commitObjects()
    _ = try store.seal(SnapshotHeader(created: 1)) { add in
      for (path, object, component, fetched, modified) in [
        ("updates/a", one, "KDB", 10, nil), ("updates/b", two, "KDB", 20, 5), ("updates/c", two, "KSN", 30, 40),
      ] as [(String, FinishedObject, String, UTCTime, UTCTime?)] {
        var file = try file(path, object)
        file.component = component
        file.fetched = fetched
        file.modified = modified
        try add(file)
      }
    }
    let summary = try store.summary(of: 1)
    #expect(summary.map(\.component) == ["KDB", "KSN"])
    #expect(summary.map(\.files) == [2, 1])
    #expect(summary.map(\.bytes) == [8, 5])
    // When the servers say that files last changed says nothing here.
    #expect(summary.map(\.arrived) == [20, 30])
  }

  @Test func `differences are added, removed and changed files, and nothing else`() throws {
    let store = try fixture.open()
    try store.seal(["updates/same": "same", "updates/gone": "gone", "updates/new": "old!"])
    let object = try store.put("same")
    let (changed, come) = (try store.put("newer"), try store.put("come"))
    try store.commitObjects()
    _ = try store.seal(SnapshotHeader(created: 2)) { add in
      // The same bytes from elsewhere are no difference.
      try add(try file("updates/same", object))
      try add(try file("updates/new", changed))
      try add(try file("updates/come", come))
    }
    var found: [Difference] = []
    try store.differences(from: 1, to: 2) { found.append($0) }
    #expect(found.map(\.path.string) == ["updates/come", "updates/gone", "updates/new"])
    #expect(found.map(\.kind) == [.added, .removed, .changed])
    #expect(found.map(\.oldSize) == [nil, 4, 4])
    #expect(found.map(\.newSize) == [4, nil, 5])
    #expect(found.map(\.component) == ["c", "KDB", "c"])
    try store.differences(from: 2, to: 2) { Issue.record("\($0)") }
    #expect(throws: StoreError.noSuchSnapshot(3)) { try store.differences(from: 2, to: 3) { _ in } }
  }

  @Test func `the history of a path has one entry a run of snapshots`() throws {
    let store = try fixture.open()
    for text in ["1", "1", "2", nil, "2"] as [String?] {
      var files = ["updates/other": "x"]
      files["updates/a"] = text
      try store.seal(files)
    }
    _ = try store.publish(2)
    _ = try store.publish(5)
    let history = try store.history(of: try TreePath("updates/a"))
    #expect(history.map(\.first) == [1, 3, 5])
    #expect(history.map(\.last) == [2, 3, 5])
    #expect(history.map(\.releases) == [[2], [], [5]])
    #expect(history[0].file.namedBy == "index/u1901g.xml")
    #expect(history[0].file.origin == "https://s00.example")
    #expect(history[0].file.fetched == 500)
    #expect(try store.history(of: try TreePath("updates/never")).isEmpty)
    #expect(try store.paths(endingIn: "/a", limit: 10).map(\.string) == ["updates/a"])
  }

  @Test func `snapshots share the files that did not change`() throws {
    let store = try fixture.open()
    var files: [String: String] = [:]
    for number in 0..<2000 { files["updates/folder/file-\(number).dat"] = "\(number)" }
    try store.seal(files)
    let size = { try Files.status(fixture.folder["store/catalogue.sqlite-wal"])?.size ?? 0 }
    let first = try size()
    files["updates/folder/file-7.dat"] = "changed"
    for day in 0..<3 { try store.seal(files, created: UTCTime(seconds: Int64(day))) }
    #expect(try store.files(in: 4).count == 2000)
    #expect(try store.verify().isClean)
    #expect(try size() < first * 2)
  }
}
