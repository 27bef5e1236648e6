import MirrorTypes
import Testing
import Trust

@testable import Sites

/// How receipts follow each other.
@Suite struct ReceiptOrderTests {
  private let key = SigningKey()

  private func signed(_ number: Int64, _ time: Int64, _ current: Int) throws -> SignedReceipt {
    try SignedReceipt(
      ReceiptTests.receipt(number: number, time: UTCTime(seconds: 1_795_000_000 + time), current: current),
      key: key
    )
  }

  /// A site of which these receipts came, one after the other.
  private func site(_ receipts: [SignedReceipt]) -> KnownSite {
    KnownSite(
      name: "plant-7",
      fingerprint: receipts[0].fingerprint,
      since: 0,
      highest: receipts.map(\.receipt.number).max() ?? 0,
      receipts: receipts.map { .init(signed: $0, received: 0) },
      packed: nil
    )
  }

  @Test func `receipts that follow are distinguished from those of restored sites, and from replays`() throws {
    let known = [try signed(4, 400, 40), try signed(5, 500, 41)]
    func order(_ number: Int64, _ time: Int64, _ current: Int) throws -> ReceiptOrder {
      ReceiptOrder(of: try signed(number, time, current), after: site(known))
    }
    #expect(try order(6, 600, 42) == .newer)
    #expect(try order(9, 900, 41) == .newer)
    #expect(try order(6, 600, 40) == .rolledBack)
    #expect(ReceiptOrder(of: known[1], after: site(known)) == .same)
    #expect(ReceiptOrder(of: known[0], after: site(known)) == .older)
    #expect(try order(3, 300, 39) == .older)
    #expect(try order(5, 500, 40) == .older)
    #expect(try order(5, 501, 41) == .restored)
    #expect(try order(2, 700, 39) == .restored)
    // The clock was set back: a number that never was is new all the same.
    #expect(try order(6, 100, 42) == .newer)
  }

  @Test func `after a site was restored, what it wrote before is old, though its numbers are higher`() throws {
    let (four, five, three) = (try signed(4, 400, 40), try signed(5, 500, 41), try signed(3, 600, 40))
    let restored = site([four, five, three])
    #expect(ReceiptOrder(of: five, after: restored) == .older)
    #expect(try ReceiptOrder(of: signed(5, 499, 41), after: restored) == .older)
    #expect(try ReceiptOrder(of: signed(4, 700, 41), after: restored) == .newer)
  }
}
