import Catalogue
import ContentStore
import FileSystem
import MirrorTypes
import StoreFixtures
import SystemPackage
import TestSupport
import Testing

/// Random sequences of what a store can do, against a model of plain dictionaries.
@Suite struct ModelTests {
  /// What the store should hold.
  private struct Model {
    var snapshots: [Int: [String: String]] = [:]
    var releases: Set<Int> = []
    var current: Int?
    var last = 0

    mutating func prune(keeping: Int) {
      let kept = Set(snapshots.keys.sorted().suffix(keeping)).union(releases.sorted().suffix(keeping))
        .union([current].compactMap { $0 })
      snapshots = snapshots.filter { kept.contains($0.key) }
      releases.formIntersection(kept)
    }

    var contents: Set<String> { Set(snapshots.values.flatMap(\.values)) }
  }

  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func `whatever is done in whatever order, the store is as the model says`(seed: UInt64) throws {
    let fixture = StoreFixture()
    var generator = SeededGenerator(seed)
    var store = try fixture.open()
    var model = Model()
    for _ in 0..<40 {
      switch Int.random(in: 0..<10, using: &generator) {
      case 0..<4:
        let files = randomFiles(&generator)
        model.last += 1
        model.snapshots[model.last] = files
        #expect(try store.seal(files).number == model.last)
      case 4..<7:
        guard let number = model.snapshots.keys.sorted().randomElement(using: &generator) else { continue }
        model.releases.insert(number)
        model.current = number
        #expect(try store.publish(number).number == number)
      case 7:
        let before = model.releases.filter { $0 < model.current ?? 0 }.max()
        if let before {
          model.current = before
          #expect(try store.rollback().number == before)
        } else {
          #expect(throws: StoreError.noSuchRelease(nil)) { try store.rollback() }
        }
      case 8:
        let keeping = Int.random(in: 1...4, using: &generator)
        model.prune(keeping: keeping)
        _ = try store.prune(keeping: keeping, dryRun: false)
      default:
        // The last reference goes before the lock is taken again.
        store = try { () throws -> ContentStore in
          let reader = try fixture.openForReading()
          store = reader
          return try fixture.open()
        }()
        #expect(store.repairs.isEmpty)
      }
      try check(store, model, fixture)
    }
    model.prune(keeping: 1)
    _ = try store.prune(keeping: 1, dryRun: false)
    #expect(try store.verify().objects == model.contents.count)
  }

  private func randomFiles(_ generator: inout SeededGenerator) -> [String: String] {
    var files: [String: String] = [:]
    for _ in 0..<Int.random(in: 0..<12, using: &generator) {
      let folder = ["updates", "updates/bases", "updates/bases/av", "packages"].randomElement(using: &generator) ?? ""
      let name = Int.random(in: 0..<10, using: &generator)
      files["\(folder)/file-\(name)"] = "content \(Int.random(in: 0..<15, using: &generator))"
    }
    return files
  }

  private func check(_ store: ContentStore, _ model: Model, _ fixture: StoreFixture) throws {
    #expect(try store.snapshots().map(\.number) == model.snapshots.keys.sorted())
    #expect(try store.releases().map(\.number) == model.releases.sorted())
    #expect(try store.current()?.number == model.current)
    #expect(try Set(fixture.names("releases")) == Set(model.releases.map(String.init)))
    if let current = model.current, let files = model.snapshots[current] {
      for (path, text) in files { #expect(try fixture.published(path) == text) }
    }
    for (number, files) in model.snapshots {
      #expect(try store.files(in: number).map(\.path.string) == files.keys.sorted())
    }
    let report = try store.verify()
    #expect(report.isClean)
    #expect(report.unlisted == 0)
  }
}
