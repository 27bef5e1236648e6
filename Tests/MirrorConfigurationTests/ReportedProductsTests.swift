import MirrorConfiguration
import TestSupport
import Testing

@Suite struct ReportedProductsTests {
  private func tree(_ lines: String) throws -> UpdateTreeSource {
    let text = "[[source]]\nname = \"k\"\nkind = \"kaspersky\"\n\(lines)\n"
    let configuration = try Configuration(parsing: text, from: "/etc/kscmirror.toml")
    guard case .kaspersky(let tree) = configuration.sources.first?.kind else { throw TestFailure("not kaspersky") }
    return tree
  }

  @Test func `products are names, or what the sites report`() throws {
    #expect(try tree("products = [\"A_1\"]").products == ["A_1"])
    #expect(try tree("products = [\"A_1\"]").reported == nil)
    let plain = try tree("products = \"as reported\"")
    #expect(plain.products.isEmpty && plain.reported == ReportedProducts())
    let full = try tree(
      """
      products = "as reported"
      fallback_products = ["A_1", "B_2"]
      reported_as = { KESL = "KSLS 12", odd = "" }
      """
    )
    #expect(full.reported?.fallback == ["A_1", "B_2"])
    #expect(full.reported?.names == ["kesl": "KSLS 12", "odd": ""])
  }

  @Test(arguments: [
    "products = \"reported\"", "products = 5", "products = \"as reported\"\nfallback_products = \"A\"",
    "products = \"as reported\"\nreported_as = { a = 1 }", "products = \"as reported\"\nreported_as = [\"a\"]",
    "fallback_products = [\"A\"]", "products = [\"A\"]\nreported_as = { a = \"\" }",
  ])
  func `anything else is refused, and so is what belongs to the other form`(_ lines: String) {
    #expect(throws: ConfigurationError.self) { _ = try tree(lines) }
  }
}
