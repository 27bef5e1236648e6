import FileSystem
import JobCore
import SystemPackage

/// A receipt that could be believed.
package struct CollectedReceipt: Sendable, Encodable {
  /// Its file.
  package let file: String
  /// The site.
  package let site: String
  /// The receipt's number.
  package let number: Int64
  /// The snapshot that is published there.
  package let snapshot: Int?
  /// How it stands to those that were known: `first`, `newer`, `rolled-back`, `restored`, `same`, `older`.
  package let order: String
  /// Whether it is the newest that is known of its site now.
  package let isTaken: Bool
  /// All that in a sentence.
  package let text: String

  private let deservesALook: Bool

  private enum CodingKeys: String, CodingKey { case file, site, number, snapshot, order, isTaken, text }

  package init(_ receipt: Receipt, file: Place, order: ReceiptOrder, text: String) {
    self.file = "\(file)"
    site = receipt.site
    number = receipt.number
    snapshot = receipt.current?.snapshot
    self.order = order.rawValue
    isTaken = order.isTaken
    self.text = text
    deservesALook = order == .rolledBack || order == .restored
  }

  /// Tells it while something else is done.
  package func tell(_ reporter: any JobReporter) {
    if deservesALook { reporter.warning("site-went-back", text) } else { reporter.information("receipt", text) }
  }
}
