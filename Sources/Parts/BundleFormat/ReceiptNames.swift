import MirrorTypes

/// The names of receipts on a medium, beside the bundles.
package enum ReceiptNames {
  private static let prefix = "kscmirror-receipt-"
  private static let suffix = ".json"

  /// The file of a site's receipt: `kscmirror-receipt-plant-7.json`.
  package static func file(ofSite name: String) -> String { prefix + name + suffix }

  /// Whether a name is that of some site's receipt, also of one that a copy has left in capitals.
  package static func isReceipt(_ shown: String) -> Bool {
    let name = shown.lowercased()
    return name.hasBytePrefix(prefix) && name.hasByteSuffix(suffix)
      && name.utf8.count > prefix.utf8.count + suffix.utf8.count
  }
}
