import BundleFormat
import ContentStore
import JobDoubles
import MirrorTypes
import Testing

@testable import JobCore
@testable import Packing

/// What an incremental bundle carries, and against which old files each new one is compressed.
@Suite struct IncrementPlanTests {
  typealias File = FilledStore.File

  /// What a component adds: changed, renewed and new files, and the bytes of all of them.
  struct Share: Sendable, Equatable {
    let component: String
    let counts: [Int]
    let bytes: Int64

    init(_ component: String, changed: Int = 0, renewed: Int = 0, new: Int = 0, bytes: Int) {
      (self.component, counts, self.bytes) = (component, [changed, renewed, new], Int64(bytes))
    }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let old: [File]
    let new: [File]
    let shares: [Share]
    /// Of each group the old files and the new ones, a piece of a file with the stretch that it has.
    let groups: [String]
    let volumeSize: Int64

    init(
      _ name: String,
      _ old: [File],
      _ new: [File],
      _ shares: [Share],
      _ groups: [String],
      volumeSize: Int64 = .max
    ) {
      testDescription = name
      (self.old, self.new, self.shares, self.groups, self.volumeSize) = (old, new, shares, groups, volumeSize)
    }
  }

  private static let kept = File("updates/kept", "kept")

  static let cases: [Case] = [
    Case("nothing has changed but what is gone", [kept, File("updates/gone", "x")], [kept], [], []),
    Case("the same bytes under another path are not carried", [kept], [kept, File("updates/copy", "kept")], [], []),
    Case(
      "an empty file",
      [kept],
      [kept, File("updates/empty", "")],
      [Share("KDB", new: 1, bytes: 0)],
      [" > updates/empty"]
    ),
    Case(
      "a file that has changed is compressed against what it was",
      [kept, File("updates/a", "old")],
      [kept, File("updates/a", "newer")],
      [Share("KDB", changed: 1, bytes: 5)],
      ["updates/a > updates/a"]
    ),
    Case(
      "equal files are carried once",
      [kept],
      [kept, File("updates/x/1", "same"), File("updates/y/2", "same")],
      [Share("KDB", new: 1, bytes: 4)],
      [" > updates/x/1"]
    ),
    Case(
      "a file that takes another one's place by its name",
      [kept, File("updates/kdb/keds-251028a.keb", "1")],
      [kept, File("updates/kdb/keds-251028b.keb", "22")],
      [Share("KDB", renewed: 1, bytes: 2)],
      ["updates/kdb/keds-251028a.keb > updates/kdb/keds-251028b.keb"]
    ),
    Case(
      "a file of the same name in another folder",
      [kept, File("updates/one/base.kdc", "1")],
      [kept, File("updates/one/base.kdc", "1"), File("updates/two/base.kdc", "22")],
      [Share("KDB", renewed: 1, bytes: 2)],
      ["updates/one/base.kdc > updates/two/base.kdc"]
    ),
    Case(
      "a new file that resembles nothing",
      [kept, File("updates/a/1", "1")],
      [kept, File("updates/a/1", "1"), File("packages/zzz.exe", "22")],
      [Share("KDB", new: 1, bytes: 2)],
      [" > packages/zzz.exe"]
    ),
    Case(
      "neighbours go together, and components by their bytes",
      [kept, File("updates/a", "1"), File("updates/b", "1", component: "KSN")],
      [
        kept, File("updates/a", "22"), File("updates/b", "333", component: "KSN"),
        File("packages/c", "7777", component: ""),
      ],
      [
        Share("", new: 1, bytes: 4), Share("KSN", changed: 1, bytes: 3), Share("KDB", changed: 1, bytes: 2),
      ],
      ["updates/a updates/b > packages/c updates/a updates/b"]
    ),
    Case(
      "components with as many bytes are ordered by their names",
      [kept],
      [kept, File("updates/1/x", "bb", component: "B"), File("updates/2/y", "aa", component: "A")],
      [Share("A", new: 1, bytes: 2), Share("B", new: 1, bytes: 2)],
      [" > updates/1/x updates/2/y"]
    ),
    Case(
      "a group has no more new bytes than half a volume",
      [kept],
      [kept, File("updates/1/x", "aaaaa"), File("updates/2/y", "bbbbb"), File("updates/3/z", "c")],
      [Share("KDB", new: 3, bytes: 11)],
      [" > updates/1/x updates/2/y", " > updates/3/z"],
      volumeSize: 20
    ),
    Case(
      "a file of half a volume is whole",
      [kept],
      [kept, File("updates/1/x", "0123456789")],
      [Share("KDB", new: 1, bytes: 10)],
      [" > updates/1/x"],
      volumeSize: 20
    ),
    Case(
      "a byte more than half a volume makes two pieces",
      [kept],
      [kept, File("updates/1/x", "0123456789A")],
      [Share("KDB", new: 1, bytes: 11)],
      [" > updates/1/x[0+10]", " > updates/1/x[10+1]"],
      volumeSize: 20
    ),
  ]

  private static func text(_ extents: [Extent]) -> String {
    extents.map { $0.path.string + ($0.isWhole ? "" : "[\($0.offset)+\($0.length)]") }.joined(separator: " ")
  }

  @Test(arguments: cases) func `what is carried, and against what`(_ row: Case) throws {
    let filled = try FilledStore()
    let base = try filled.seal(row.old)
    let snapshot = try filled.seal(row.new)
    let limits = GroupPlan.Limits(volumeSize: row.volumeSize)
    let plan = try IncrementPlan(of: snapshot, from: base, in: filled.store, limits: limits)
    #expect(plan.base == base)
    let shares = plan.shares.map {
      Share($0.component, changed: $0.changed, renewed: $0.renewed, new: $0.new, bytes: Int($0.bytes))
    }
    #expect(shares == row.shares)
    #expect(plan.groups.map { "\(Self.text($0.bases)) > \(Self.text($0.objects))" } == row.groups)
  }
}
