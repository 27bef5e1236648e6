import Catalogue
import ContentStore
import FileSystem
import GRDB
import MirrorTypes
import StoreFixtures
import Synchronization
import SystemPackage
import Testing

@Suite struct VerifyTests {
  let fixture = StoreFixture()

  private func object(_ path: String, in store: ContentStore, _ number: Int = 1) throws -> ObjectDigest {
    try #require(try store.file(try TreePath(path), in: number)).object
  }

  @Test func `every kind of damage to objects is found, with the paths that it hits`() throws {
    let store = try fixture.open()
    try store.seal([
      "updates/same": "same", "updates/other": "same", "updates/short": "short", "updates/gone": "gone",
      "updates/link": "link", "updates/good": "good",
    ])
    let good = try store.verify()
    #expect(good.isClean)
    #expect(good.objects == 5)
    #expect(good.bytes == 21)
    try fixture.damage(try object("updates/same", in: store), in: store, with: "sane")
    try fixture.damage(try object("updates/short", in: store), in: store, with: "shor")
    try Files.remove(store.path(of: try object("updates/gone", in: store)))
    let link = store.path(of: try object("updates/link", in: store))
    try Files.remove(link)
    try Files.makeLink(link, to: store.path(of: try object("updates/good", in: store)).string)
    let read = Mutex<Int64>(0)
    let report = try fixture.openForReading().verify(concurrency: 3) { count in read.withLock { $0 += count } }
    #expect(!report.isClean)
    #expect(read.withLock { $0 } == report.bytes)
    let found = Dictionary(uniqueKeysWithValues: report.damaged.map { ($0.paths.map(\.string), $0.problem) })
    #expect(found.count == 4)
    #expect(found[["updates/short"]] == .wrongSize(4))
    #expect(found[["updates/gone"]] == .missing)
    #expect(found[["updates/link"]] == .missing)
    guard case .wrongDigest = found[["updates/other", "updates/same"]] else {
      Issue.record("\(found)")
      return
    }
  }

  @Test func `damage to a release is found`() throws {
    let store = try fixture.open()
    try store.seal(["updates/a": "a", "updates/b": "b", "updates/c/d": "d"])
    _ = try store.publish(1)
    let tree = fixture.folder["store/releases/1/updates"]
    try Files.remove(tree.appending("a"))
    try Files.replace(tree.appending("b"), with: Array("c".utf8))
    try Files.replace(tree.appending("extra"), with: [])
    try Files.makeLink(tree.appending("link"), to: "c")
    // A whole copy is as good as a link.
    try Files.replace(tree.appending("c").appending("d"), with: Array("d".utf8))
    let report = try store.verify()
    #expect(report.damaged.isEmpty)
    #expect(
      Set(report.releaseProblems) == [
        ReleaseProblem(release: 1, path: "updates/a", problem: .missing),
        ReleaseProblem(release: 1, path: "updates/b", problem: .damaged),
        ReleaseProblem(release: 1, path: "updates/extra", problem: .extra),
        ReleaseProblem(release: 1, path: "updates/link", problem: .extra),
      ]
    )
    try Files.removeTree(fixture.folder["store/releases/1"])
    #expect(try store.verify().releaseProblems.map(\.path) == [""])
  }

  @Test func `a catalogue that contradicts itself is found`() throws {
    do {
      let store = try fixture.open()
      try store.seal(["updates/a": "a", "updates/b": "b"])
      _ = try store.publish(1)
    }
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    let queue = try DatabaseQueue(path: fixture.folder["store/catalogue.sqlite"].string, configuration: configuration)
    try queue.write { try $0.execute(sql: "DELETE FROM member WHERE path = 1") }
    let changed = try fixture.openForReading().verify()
    #expect(changed.catalogueProblems.count == 1)
    #expect(changed.catalogueProblems.first?.contains("snapshot 1") == true)
    try queue.write { try $0.execute(sql: "DELETE FROM version WHERE path = 2") }
    #expect(try fixture.openForReading().verify().catalogueProblems.count == 2)
  }

  @Test func `a link current that leads nowhere is found`() throws {
    let store = try fixture.open()
    try store.seal(["updates/a": "a"])
    try Files.makeLink(fixture.folder["store/current"], to: "releases/9")
    #expect(try store.verify().catalogueProblems.count == 1)
    #expect(try store.current() == nil)
  }

  @Test(arguments: [true, false])
  func `damaged bytes come again, to the store and to every release`(sameSize: Bool) throws {
    let store = try fixture.open()
    let text = "some text"
    for other in ["1", "2"] { try store.seal(["updates/a": text, "packages/b": text, "updates/c": other]) }
    for number in [1, 2] { _ = try store.publish(number) }
    let object = try object("updates/a", in: store)
    let path = try TreePath("a")
    let known = KnownFile(object: object, size: 9, fetched: 1)
    try store.remember([path: known], state: SourceState(configuration: "", finished: 1), of: "kaspersky")
    try fixture.damage(object, in: store, with: sameSize ? "some test" : "some")
    let damaged = try store.verify().damaged.map(\.object)
    #expect(damaged == [object])
    #expect(try store.noteDamaged(damaged) == ["kaspersky"])
    #expect(try store.knownFiles(of: "kaspersky").isEmpty)
    #expect(try store.sourceState("kaspersky") == nil)
    #expect(try !store.contains(object))
    #expect(throws: StoreError.missingObject(object, path: try TreePath("updates/a"))) {
      try store.seal(SnapshotHeader(created: 3)) { add in
        try store.forEachFile(in: 1) { file in if file.path.string == "updates/a" { try add(file) } }
      }
    }
    #expect(try store.put(text).digest == object)
    try store.commitObjects()
    #expect(try store.contains(object))
    #expect(try store.verify().isClean)
    #expect(try Files.status(store.path(of: object))?.links == 5)
    #expect(try fixture.published("packages/b") == text)
    #expect(try fixture.names("partial").isEmpty)
  }
}
