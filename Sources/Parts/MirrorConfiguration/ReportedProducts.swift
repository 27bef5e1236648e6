/// `products = "as reported"`: a source carries what the sites have reported in their receipts.
package struct ReportedProducts: Sendable, Hashable {
  /// The vendor's names of products that are taken for sites that have reported nothing.
  package var fallback: [String] = []
  /// What the indexes call applications that neither the vendor's catalogue nor kscmirror knows by the Administration
  /// Server's name, in small letters: a pattern such as `KSLS 12`, or nothing for what needs nothing.
  package var names: [String: String] = [:]

  /// Everything is as the vendor's catalogue has it.
  package init() {}

  /// How `products` says so.
  package static let word = "as reported"
}

extension UpdateTreeSource {
  /// Reads `products` in both its forms, and what belongs to the second.
  mutating func readProducts(_ table: inout TableReader) throws(ConfigurationError) {
    guard table.isText("products") else {
      products = try table.strings("products") ?? []
      for key in ["fallback_products", "reported_as"] where table.has(key) {
        throw table.bad(key, "belongs to products = \"\(ReportedProducts.word)\"")
      }
      return
    }
    let text = try table.string("products") ?? ""
    guard text == ReportedProducts.word else {
      throw table.bad(
        "products",
        "has to be a list of the vendor's names of products, or \"\(ReportedProducts.word)\", not '\(text)'"
      )
    }
    var reported = ReportedProducts()
    reported.fallback = try table.strings("fallback_products") ?? []
    for (name, pattern) in try table.texts("reported_as") ?? [:] { reported.names[name.lowercased()] = pattern }
    self.reported = reported
  }
}
