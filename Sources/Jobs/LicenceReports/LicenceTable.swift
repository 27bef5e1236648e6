import MirrorTypes
import SiteDocuments

extension LicenceReport {
  /// A table for a terminal, in aligned columns: no tabs, and nothing from elsewhere that could steer the terminal.
  ///
  /// - Parameter productWidth: the most columns for the product's name; a longer one is cut with an ellipsis.
  package func table(productWidth: Int = 48) -> String {
    let head = ["SERIAL", "PRODUCT", "TYPE", "EXPIRES", "DAYS", "LIMIT", "IN USE", "RESERVE", "STATE"]
    let lines = rows.map { row in
      let product = TextColumns.cut(SafeText.printable(row.key.text(.product) ?? ""), to: productWidth)
      return [
        SafeText.printable(row.key.serial), product, row.type, row.expiryDay, row.daysLeft, row.limit, row.inUse,
        row.reserve, row.assessment.words,
      ].map { $0.isEmpty ? "-" : $0 }
    }
    return TextColumns.table([head] + lines, rightAligned: [4, 5, 6, 7])
  }
}
