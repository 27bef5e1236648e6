import Catalogue
import Failures
import FileSystem
import JobDoubles
import MirrorTypes
import Sites
import Testing
import Trust

@testable import JobCore
@testable import Packing
@testable import Sites
@testable import StoreTrust

/// What a bundle builds on, of snapshots 1 to 4, of which 4 is packed.
@Suite struct BaseChoiceTests {
  enum Expected: Sendable, Equatable {
    case full, base(Int), nothingToCarry
    case refusal(Failures.ExitStatus)
  }

  /// What is known of the site `plant-7`.
  struct Site: Sendable {
    /// The snapshots that it has by its newest receipt; a negative one has other files under the same number.
    var held: [Int]
    var current: Int?
    var format: Int64 = 2
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var options: PackJob.Options
    var site: Site?
    /// In the repeating mode: the snapshots that were packed before, each on the base with which it stands here.
    var packed: [(snapshot: Int, base: Int?)] = []
    let expected: Expected
    /// The notices: they say why a bundle is full that might be smaller.
    var notices: [String] = []

    init(
      _ name: String,
      _ options: PackJob.Options,
      site: Site? = nil,
      packed: [(snapshot: Int, base: Int?)] = [],
      _ expected: Expected,
      notices: [String] = []
    ) {
      testDescription = name
      (self.options, self.site, self.packed, self.expected, self.notices) = (options, site, packed, expected, notices)
    }
  }

  private static let plant = PackJob.Options(site: "plant-7")
  private static let repeating = PackJob.Options(fullEvery: 3, site: "plant-7")

  static let cases: [Case] = [
    Case("for nobody in particular", PackJob.Options(), .full),
    Case("a person wants a full one", PackJob.Options(full: true, site: "plant-7"), site: Site(held: [3]), .full),
    Case("a person names the base", PackJob.Options(base: 2, site: "plant-7"), site: Site(held: [3]), .base(2)),
    Case("a person names the base, and no site", PackJob.Options(base: 1), .base(1)),
    Case("a person names the snapshot itself", PackJob.Options(base: 4), .refusal(.usage)),
    Case("a person names a snapshot that is not here", PackJob.Options(base: 9), .refusal(.notThere)),
    Case("nothing is known of the site", plant, .full, notices: ["full"]),
    Case("the site has nothing", plant, site: Site(held: []), .full, notices: ["full"]),
    Case("the site reads full bundles only", plant, site: Site(held: [3], format: 1), .full, notices: ["full"]),
    Case("the site reads the first format of incremental bundles", plant, site: Site(held: [3], format: 2), .base(3)),
    Case("the newest that the site has", plant, site: Site(held: [1, 3, 2]), .base(3)),
    Case("the one that is published there comes first", plant, site: Site(held: [3, 2], current: 2), .base(2)),
    Case("what is published there is not here", plant, site: Site(held: [8, 3], current: 8), .base(3)),
    Case("what the site has is no longer here", plant, site: Site(held: [8, 9]), .full, notices: ["full"]),
    Case("the number is the same and the files are not", plant, site: Site(held: [-3]), .full, notices: ["full"]),
    Case("the number is the same and the files are not: an older one", plant, site: Site(held: [-3, 1]), .base(1)),
    Case("the site has the very snapshot", plant, site: Site(held: [4, 3]), .nothingToCarry),
    Case(
      "the site has gone back from it",
      plant,
      site: Site(held: [4, 3], current: 3),
      .nothingToCarry,
      notices: ["site-rolled-back"]
    ),
    Case("the site has other files under the number", plant, site: Site(held: [-4, 3]), .base(3)),
    Case("repeating: the first one", repeating, .full),
    Case("repeating: the second of three", repeating, packed: [(1, nil)], .base(1)),
    Case("repeating: the third of three builds on the full one", repeating, packed: [(1, nil), (2, 1)], .base(1)),
    Case("repeating: a round is over", repeating, packed: [(1, nil), (2, 1), (3, 1)], .full),
    Case(
      "repeating: a bundle on another base counts as none of the round",
      repeating,
      packed: [(1, nil), (3, 2)],
      .base(3)
    ),
    Case("repeating: the snapshot of the full one again", repeating, packed: [(4, nil)], .full),
    Case("repeating: the full one's snapshot is gone", repeating, packed: [(9, nil)], .full),
    Case("repeating: receipts do not count", repeating, site: Site(held: [3]), packed: [(1, nil)], .base(1)),
    Case(
      "repeating: every bundle is full",
      PackJob.Options(fullEvery: 1, site: "plant-7"),
      packed: [(1, nil)],
      .full
    ),
  ]

  /// The tree of a snapshot, as a receipt has it.
  private static func tree(_ number: Int, in snapshots: [Snapshot]) throws -> ObjectDigest {
    try snapshots.first { $0.number == number }?.treeDigest
      ?? #require(ObjectDigest(bytes: [UInt8](repeating: 7, count: 32)))
  }

  private static func receipt(_ site: Site, _ snapshots: [Snapshot]) throws -> Receipt {
    let root = try #require(Fingerprint(String(repeating: "ab", count: 32)))
    return Receipt(
      site: "plant-7",
      number: 1,
      time: 1_795_470_000,
      current: try site.current.map {
        .init(snapshot: $0, tree: try tree($0, in: snapshots), created: 1_795_400_000)
      },
      held: try site.held.map { .init(snapshot: abs($0), tree: try tree($0, in: snapshots)) },
      root: root,
      freeBytes: 1 << 33,
      bundleFormat: site.format,
      program: "kscmirror 0.1.0"
    )
  }

  private static func know(_ site: Site, _ snapshots: [Snapshot], in filled: FilledStore) throws {
    let signed = try SignedReceipt(try receipt(site, snapshots), key: SigningKey())
    let known = KnownSite(
      name: "plant-7",
      fingerprint: signed.fingerprint,
      since: 1_795_000_000,
      highest: 1,
      receipts: [.init(signed: signed, received: 1_795_470_000)],
      packed: nil
    )
    try SiteRegistry(store: filled.root).files("plant-7").save(known)
  }

  @Test(arguments: cases) func `what a bundle builds on`(_ row: Case) throws {
    let filled = try FilledStore()
    let snapshots = try (1...4).map { try filled.seal([.init("updates/a", "\($0)")]) }
    if let site = row.site { try Self.know(site, snapshots, in: filled) }
    let rounds = RepeatingRounds(filled.root)
    for packed in row.packed {
      let base = try packed.base.map { BundleFacts.Base(number: $0, treeDigest: try Self.tree($0, in: snapshots)) }
      try rounds.note(BundleFacts(site: "plant-7", snapshot: packed.snapshot, base: base), for: "plant-7")
    }
    let told = Told()
    let choice = BaseChoice(context: .test(filled.root, told), store: filled.store, options: row.options)
    let found: Expected
    do {
      found =
        switch try choice.choose(for: snapshots[3]) {
        case .full: .full
        case .base(let base): .base(base.number)
        case .nothingToCarry: .nothingToCarry
        }
    } catch let error as any Failure {
      found = .refusal(error.status)
    }
    #expect(found == row.expected)
    #expect(told.notices.map(\.name) == row.notices)
  }

  @Test func `a damaged note of the repeating mode makes the next bundle a full one, which mends it`() throws {
    let filled = try FilledStore()
    let rounds = RepeatingRounds(filled.root)
    try rounds.note(BundleFacts(site: "plant-7", snapshot: 1), for: "plant-7")
    let file = filled.root.appending("receipts/repeating/plant-7.json")
    for bytes in ["", "{", "[]", #"{"full":"1","bundles":1}"#] {
      try Files.replace(file, with: Array(bytes.utf8))
      #expect(try rounds.round(of: "plant-7") == nil, "\(bytes)")
    }
    try rounds.note(BundleFacts(site: "plant-7", snapshot: 2), for: "plant-7")
    #expect(try rounds.round(of: "plant-7") == .init(full: 2, bundles: 1))
  }
}
