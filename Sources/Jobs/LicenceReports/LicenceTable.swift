import Languages
import MirrorTypes
import SiteDocuments

extension LicenceReport {
  /// The most columns for a product's name; a longer one, which no product has, is cut with an ellipsis.
  package static let productWidth = 120

  /// A table in aligned columns: no tabs, and nothing from elsewhere that could steer a terminal.
  package func table(in language: Language, productWidth: Int = productWidth) -> String {
    TextColumns.table(cells(in: language, productWidth: productWidth), rightAligned: [4, 5, 6, 7])
  }

  /// Its cells, with its head.
  ///
  /// - Parameter language: what its words are in.
  package func cells(in language: Language, productWidth: Int = productWidth) -> [[String]] {
    let columns: [Phrase] = [.serial, .product, .type, .expires, .days, .limit, .inUse, .reserve, .state]
    let head = columns.map { language.text($0).uppercased() }
    let lines = rows.map { row in
      let product = TextColumns.cut(SafeText.printable(row.key.text(.product) ?? ""), to: productWidth)
      return [
        SafeText.printable(row.key.serial), product, row.type(in: language), row.expiryDay(in: language), row.daysLeft,
        row.limit, row.inUse,
        row.reserve, row.assessment.words(in: language),
      ].map { $0.isEmpty ? "-" : $0 }
    }
    return [head] + lines
  }
}
