import Catalogue
import ContentStore
import MirrorTypes
import StoreFixtures
import TestSupport
import Testing

/// What snapshots hold, and what one lacks of another.
@Suite struct HoldingsTests {
  private func lacking(of new: [String: String], in old: [String: String]) -> [Int64] {
    let texts = Set(new.values).subtracting(old.values)
    return [Int64(texts.count), texts.reduce(0) { $0 + Int64($1.utf8.count) }]
  }

  private func lacking(of new: Int, in old: Int?, _ store: ContentStore) throws -> [Int64] {
    let lacking = try store.lacking(of: new, in: old)
    return [Int64(lacking.objects), lacking.bytes]
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `what a snapshot lacks of another is counted by content, each once, wherever it lies`(_ seed: UInt64) throws {
    let fixture = StoreFixture()
    let store = try fixture.open()
    var random = SeededGenerator(seed)
    // Few texts for many paths: files that move, are copied, or come back.
    let days = (0..<5).map { _ in
      Dictionary(
        uniqueKeysWithValues: (0..<Int.random(in: 1...30, using: &random)).map {
          ("updates/\($0).dat", String(repeating: "\(Int.random(in: 0..<20, using: &random)) ", count: 3))
        }
      )
    }
    for day in days { try store.seal(day) }
    for (new, files) in days.enumerated() {
      for (old, others) in days.enumerated() {
        #expect(try lacking(of: new + 1, in: old + 1, store) == lacking(of: files, in: others))
      }
      #expect(try lacking(of: new + 1, in: nil, store) == lacking(of: files, in: [:]))
    }
    #expect(throws: StoreError.noSuchSnapshot(9)) { try store.lacking(of: 9, in: 1) }
    #expect(throws: StoreError.noSuchSnapshot(9)) { try store.lacking(of: 1, in: 9) }
  }

  @Test func `a snapshot with a damaged object is not whole until the object has come again`() throws {
    let fixture = StoreFixture()
    let store = try fixture.open()
    try store.seal(["updates/a": "one", "updates/b": "two"])
    try store.seal(["updates/a": "one", "updates/b": "three"])
    try store.seal(["updates/a": "four"])
    #expect(try store.undamagedSnapshots().map(\.number) == [1, 2, 3])
    let object = try #require(try store.files(in: 1).first { $0.path.string == "updates/b" }).object
    _ = try store.noteDamaged([object])
    #expect(try store.undamagedSnapshots().map(\.number) == [2, 3])
    try fixture.damage(object, in: store, with: "xxx")
    try store.put("two")
    try store.commitObjects()
    #expect(try store.undamagedSnapshots().map(\.number) == [1, 2, 3])
  }

  @Test func `what is protected stays, and is reported only if it would have gone`() throws {
    let fixture = StoreFixture()
    let store = try fixture.open()
    for day in 1...5 { try store.seal(["updates/a": "\(day)"]) }
    let report = try store.prune(keeping: 2, protecting: [2, 5, 9], dryRun: false)
    #expect(report.snapshots == [1, 3])
    #expect(report.protected == [2])
    #expect(try store.snapshots().map(\.number) == [2, 4, 5])
  }
}
