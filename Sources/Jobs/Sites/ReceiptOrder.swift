/// How a receipt stands to those that are known of its site.
package enum ReceiptOrder: String, Sendable, Encodable {
  /// The first one.
  case first
  /// One that follows those that are known.
  case newer
  /// One that follows, from a site that went back to an earlier snapshot.
  case rolledBack = "rolled-back"
  /// One whose number does not follow, though it was written later: the site's store was restored from a backup.
  case restored
  /// The very same as the newest that is known.
  case same
  /// One that was written before the newest that is known.
  case older

  /// Places a receipt.
  ///
  /// Numbers follow each other within the life of one store; a restored store gives numbers again that were given
  /// before, at a later time. What is neither is an old receipt, be it that somebody replays it.
  package init(of signed: SignedReceipt, after site: KnownSite) {
    guard let last = site.receipts.last?.signed else {
      self = .first
      return
    }
    let (receipt, newest) = (signed.receipt, last.receipt)
    let wasSeen = site.receipts.contains { $0.signed.isSame(as: signed) }
    if signed.isSame(as: last) {
      self = .same
    } else if wasSeen {
      self = .older
    } else if receipt.number > newest.number && receipt.time >= newest.time || receipt.number > site.highest {
      // A number that never was is new, even when the site's clock was set back.
      self = Self.goesBack(from: newest, to: receipt) ? .rolledBack : .newer
    } else {
      self = receipt.number <= newest.number && receipt.time > newest.time ? .restored : .older
    }
  }

  private static func goesBack(from newest: Receipt, to receipt: Receipt) -> Bool {
    guard let before = newest.current?.snapshot else { return false }
    return (receipt.current?.snapshot ?? 0) < before
  }

  /// Whether the receipt becomes the newest that is known.
  package var isTaken: Bool { self != .same && self != .older }
}
