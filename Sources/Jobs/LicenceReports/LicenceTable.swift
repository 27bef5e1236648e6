import MirrorTypes
import SiteDocuments

extension LicenceReport {
  /// The most columns for a product's name; a longer one, which no product has, is cut with an ellipsis.
  package static let productWidth = 120

  /// A table in aligned columns: no tabs, and nothing from elsewhere that could steer a terminal.
  package func table(productWidth: Int = productWidth) -> String {
    TextColumns.table(cells(productWidth: productWidth), rightAligned: [4, 5, 6, 7])
  }

  /// Its cells, with its head.
  package func cells(productWidth: Int = productWidth) -> [[String]] {
    let head = ["SERIAL", "PRODUCT", "TYPE", "EXPIRES", "DAYS", "LIMIT", "IN USE", "RESERVE", "STATE"]
    let lines = rows.map { row in
      let product = TextColumns.cut(SafeText.printable(row.key.text(.product) ?? ""), to: productWidth)
      return [
        SafeText.printable(row.key.serial), product, row.type, row.expiryDay, row.daysLeft, row.limit, row.inUse,
        row.reserve, row.assessment.words,
      ].map { $0.isEmpty ? "-" : $0 }
    }
    return [head] + lines
  }
}
