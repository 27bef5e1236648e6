import ContentStore
import FileSystem
import Foundation
import GRDB
import MirrorTypes
import StoreFixtures
import SystemPackage
import Testing

@Suite struct RepairTests {
  let fixture = StoreFixture()

  private func sql(_ text: String) throws {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    let queue = try DatabaseQueue(path: fixture.folder["store/catalogue.sqlite"].string, configuration: configuration)
    try queue.write { try $0.execute(sql: text) }
  }

  @Test func `finished objects that were not committed are read again and adopted`() throws {
    let (whole, cut): (ObjectDigest, ObjectDigest)
    do {
      let store = try fixture.open()
      try store.seal(["updates/a": "a"])
      whole = try store.put("whole").digest
      cut = try store.put("cut short").digest
      try fixture.damage(cut, in: store, with: "cut")
    }
    let store = try fixture.open()
    #expect(store.repairs.adoptedObjects == 1)
    #expect(store.repairs.droppedObjects == [store.path(of: cut)])
    #expect(try store.contains(whole))
    #expect(try !store.contains(cut))
    #expect(try Files.status(store.path(of: cut)) == nil)
    let report = try store.verify()
    #expect(report.isClean && report.objects == 2 && report.unlisted == 0)
  }

  @Test func `after a repair there is nothing left to repair`() throws {
    do { _ = try fixture.open().put("a") }
    do { #expect(try fixture.open().repairs.adoptedObjects == 1) }
    #expect(try fixture.open().repairs.isEmpty)
  }

  @Test func `unfinished files go, those that can be resumed stay`() throws {
    let boot = try String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8).filter(\.isHexDigit)
    let keyed = try { () throws -> String in
      let store = try fixture.open()
      let writer = try store.writer(resuming: "key")
      try [UInt8](repeating: 7, count: 1_500_000).withUnsafeBytes { try writer.append($0) }
      // As it lies there while it is written.
      let name = try #require(try fixture.names("partial").first)
      #expect(name.hasSuffix(boot))
      return name
    }()
    let partial = fixture.folder["store/partial"]
    let key = try #require(keyed.split(separator: ".").first)
    // The same file after a kill, not after an end in order.
    try Files.rename(partial.appending("\(key).kept"), to: partial.appending(keyed))
    let large = [UInt8](repeating: 1, count: 1_100_000)
    try Files.replace(
      partial.appending(String(repeating: "0", count: 32) + "." + String(repeating: "1", count: 32)),
      with: large
    )
    try Files.replace(partial.appending(String(repeating: "2", count: 32) + ".kept"), with: [1])
    try Files.replace(partial.appending("new-3"), with: large)
    try Files.makeFolder(partial.appending("release-4/updates"))
    let store = try fixture.open()
    #expect(store.repairs.removedPartials == 4)
    #expect(store.repairs.resumable == 1)
    #expect(try fixture.names("partial") == [keyed])
    #expect(try store.writer(resuming: "key").offset == 1_500_000)
  }

  @Test func `a release that was being built goes, and is built again`() throws {
    do {
      let store = try fixture.open()
      try store.seal(["updates/a": "1"])
      _ = try store.publish(1)
      try store.seal(["updates/a": "2"])
    }
    try Files.makeFolder(fixture.folder["store/releases/2.partial/updates"])
    try Files.replace(fixture.folder["store/releases/2.partial/updates/a"], with: [1])
    try Files.makeLink(fixture.folder["store/current.new"], to: "releases/2")
    let store = try fixture.open()
    #expect(store.repairs.removedReleases == ["2.partial"])
    #expect(try fixture.names("releases") == ["1"])
    #expect(try !fixture.names("").contains("current.new"))
    #expect(try store.current()?.number == 1)
    #expect(try store.publish(2).number == 2)
    #expect(try store.verify().isClean)
  }

  @Test func `a whole release that the catalogue does not know yet is adopted, a missing one struck out`() throws {
    do {
      let store = try fixture.open()
      for text in ["1", "2"] { try store.seal(["updates/a": text]) }
      for number in [1, 2] { _ = try store.publish(number) }
    }
    try sql("DELETE FROM release WHERE number = 2")
    try Files.removeTree(fixture.folder["store/releases/1"])
    let store = try fixture.open()
    #expect(store.repairs.adoptedReleases == [2])
    #expect(store.repairs.forgottenReleases == [1])
    #expect(try store.current()?.number == 2)
    #expect(try store.verify().isClean)
    #expect(try store.publish(1).number == 1)
  }

  @Test func `a prune that was cut short is brought to its end`() throws {
    let object: ObjectDigest
    do {
      let store = try fixture.open()
      for text in ["1", "2"] { try store.seal(["updates/a": text]) }
      for number in [1, 2] { _ = try store.publish(number) }
      object = try #require(try store.file(try TreePath("updates/a"), in: 1)).object
    }
    // As after the catalogue's commit: struck out, but all files still there.
    try sql(
      """
      DELETE FROM release WHERE number = 1; DELETE FROM member WHERE snapshot = 1; DELETE FROM snapshot WHERE number = 1;
      DELETE FROM version WHERE id NOT IN (SELECT version FROM member);
      INSERT INTO condemned SELECT digest, size FROM object WHERE id NOT IN (SELECT object FROM version);
      DELETE FROM object WHERE digest IN (SELECT digest FROM condemned);
      """
    )
    let store = try fixture.open()
    #expect(store.repairs.prunedObjects == 1)
    #expect(store.repairs.removedReleases == ["1"])
    #expect(try Files.status(store.path(of: object)) == nil)
    let report = try store.verify()
    #expect(report.isClean && report.unlisted == 0)
  }

  @Test func `what was mended is reported in a line`() throws {
    do { _ = try fixture.open().put("a") }
    #expect(try fixture.open().repairs.description == "1 complete file kept")
  }
}
