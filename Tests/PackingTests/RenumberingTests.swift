import BundleFormat
import JobDoubles
import MirrorTypes
import Releases
import TestSupport
import Testing
import Trust

@testable import Catalogue
@testable import Collecting
@testable import Packing
@testable import Sites

/// Numbers after a store was put back from a backup, and after a rollback.
@Suite struct RenumberingTests {
  /// A digest that stands for the files of a letter.
  private static func tree(_ letter: Character) throws -> ObjectDigest {
    try #require(ObjectDigest(bytes: [UInt8](repeating: letter.asciiValue ?? 0, count: 32)))
  }

  /// A receipt of a site that has these snapshots, each a number and the letter of its files.
  private static func receipt(_ held: [(Int, Character)], current: Int?, metadata: Int? = nil) throws -> Receipt {
    Receipt(
      site: "plant-7",
      number: 1,
      time: 1_795_470_000,
      current: try held.first { $0.0 == current }.map {
        .init(snapshot: $0.0, tree: try tree($0.1), created: 1_795_400_000)
      },
      held: try held.map { .init(snapshot: $0.0, tree: try tree($0.1)) },
      metadataVersion: metadata,
      root: try #require(Fingerprint(String(repeating: "ab", count: 32))),
      freeBytes: 1 << 33,
      bundleFormat: 2,
      program: "kscmirror 0.1.0"
    )
  }

  private static func snapshot(_ number: Int, _ letter: Character) throws -> Snapshot {
    Snapshot(
      number: number,
      created: 1_795_400_000,
      treeDigest: try tree(letter),
      fileCount: 1,
      totalBytes: 1,
      origin: .synced,
      notes: "{}",
      selectedFrom: nil
    )
  }

  @Test func `a site that lies again and again uses no numbers up`() throws {
    let folder = TemporaryFolder()
    var given = StoreAhead.Given(snapshot: 3, metadata: 5, trees: [:])
    // As many receipts as come by one stick, twice.
    for _ in 0..<2000 {
      let (snapshot, metadata) = (given.snapshot + StoreAhead.furthest, given.metadata + StoreAhead.furthest)
      guard snapshot <= BundleNames.maximumSnapshot, metadata <= Int(Int32.max) else { break }
      let receipt = try Self.receipt([(snapshot, "z")], current: nil, metadata: metadata)
      guard case .ahead(let seen) = StoreAhead.compare(receipt, with: given) else { break }
      try seen.raise(in: folder.path)
      let now = try NumbersSeen(of: folder.path)
      (given.snapshot, given.metadata) = (max(given.snapshot, now.snapshot), max(given.metadata, now.metadata))
    }
    #expect(given.snapshot == NumbersSeen.most && given.metadata == NumbersSeen.most)
    // As many are left as were used up, for bundles and for what receipts say of metadata.
    #expect(given.snapshot <= BundleNames.maximumSnapshot / 2 && given.metadata <= Int(Int32.max) / 2)
  }

  @Test func `what is packed gets another number only where its receivers would not take its own`() throws {
    func bound(_ number: Int, _ letter: Character, _ held: [(Int, Character)]?, current: Int? = nil, seen: Int = 0)
      throws -> Int?
    {
      let receipt = try held.map { try Self.receipt($0, current: current) }
      return Renumbering.bound(of: try Self.snapshot(number, letter), receipt, NumbersSeen(snapshot: seen))
    }
    // As a rule.
    #expect(try bound(1, "a", nil) == nil)
    #expect(try bound(2, "b", [(1, "a")], current: 1) == nil)
    #expect(try bound(2, "b", [(1, "a"), (2, "b")], current: 2) == nil)
    // The site went back by itself.
    #expect(try bound(2, "b", [(1, "a"), (2, "b")], current: 1) == nil)
    // A rollback here: the site publishes what is not wanted.
    #expect(try bound(1, "a", [(1, "a"), (2, "b")], current: 2) == 2)
    // It has gone back as well.
    #expect(try bound(1, "a", [(1, "a"), (2, "b")], current: 1) == nil)
    // Put back from a backup: the site is ahead, or has other files under the number.
    #expect(try bound(2, "x", [(1, "a"), (2, "b"), (4, "d")], current: 4) == 4)
    #expect(try bound(2, "x", [(1, "a"), (2, "b")], current: 2) == 2)
    // Another site has shown more.
    #expect(try bound(2, "x", nil, seen: 4) == 4)
    #expect(try bound(2, "x", [(1, "a")], current: 1, seen: 4) == 4)
    #expect(try bound(5, "x", nil, seen: 4) == nil)
  }

  @Test func `a receipt shows whether its site is ahead of the store`() throws {
    let given = StoreAhead.Given(snapshot: 6, metadata: 9, trees: [5: try Self.tree("e"), 6: try Self.tree("f")])
    func compare(_ held: [(Int, Character)], _ metadata: Int?) throws -> StoreAhead.Finding {
      StoreAhead.compare(try Self.receipt(held, current: nil, metadata: metadata), with: given)
    }
    #expect(try compare([], nil) == .known)
    // What was pruned here says nothing.
    #expect(try compare([(4, "x"), (6, "f")], 9) == .known)
    #expect(try compare([(8, "h"), (6, "f")], 9) == .ahead(NumbersSeen(snapshot: 8, metadata: 9)))
    #expect(try compare([(6, "f")], 12) == .ahead(NumbersSeen(snapshot: 6, metadata: 12)))
    #expect(try compare([(6, "x")], 9) == .twice(6))
    // A number that would use up all that there are is a site's mistake, or its lie.
    #expect(try compare([(6, "f")], Int(Int32.max)) == .incredible)
    #expect(try compare([(900_000_000, "f")], 9) == .incredible)
  }

  @Test func `a snapshot with the files of one that was rolled back is not published by itself`() throws {
    let filled = try FilledStore()
    func seal(_ text: String) throws -> Int { try filled.seal([.init("updates/a", text)]).number }
    for text in ["good", "bad"] { _ = try filled.store.publish(seal(text)) }
    try filled.store.hold(HeldBack(upTo: 2, instead: 1, previous: 2, since: 9, cause: .rollback))
    _ = try filled.store.rollback(to: 1)
    #expect(try Standing(of: filled.store).wanted == 1)
    #expect(try seal("better") == 3)
    #expect(try Standing(of: filled.store).wanted == 3 && Standing(of: filled.store).facts == nil)
    try filled.store.endHolding()
    #expect(try seal("bad") == 4)
    let standing = try Standing(of: filled.store)
    #expect(standing.wanted == 3 && standing.facts?.snapshot == 4 && standing.facts?.cause == "rollback")
    let tree = try filled.store.snapshot(4).treeDigest
    #expect(standing.facts(of: 4, tree)?.text.contains("the files of snapshot 2") == true)
    // Whoever asks for it gets it.
    try filled.store.forgetRollback(of: 4)
    #expect(try Standing(of: filled.store).wanted == 4)
  }
}
