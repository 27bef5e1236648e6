import ArgumentParser
import Console
import JobCore
import MirrorTypes
import SystemPackage
import Upkeep
import Views

/// `kscmirror products`
struct Products: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the vendor's products, whose names a source's `products` takes.",
    discussion: """
      The list is the vendor's own product catalogue, asked for from the first source of kind kaspersky.

        kscmirror products 'EndpointSecurityForLinux'
        kscmirror products --from Updates/updates/bin/kuuc/updater.xml
      """
  )

  @Argument(help: "Show only names with this text in them; * stands for any text.", completion: .products)
  var pattern: String?

  @Option(
    help: ArgumentHelp("Read the catalogue from this file instead.", valueName: "file"),
    completion: .file(extensions: ["xml"])
  )
  var from: String?

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    try await perform("products", output) { (plain) -> ProductsReport in
      // A file of its own takes no configuration.
      let context = from == nil ? try options.context(.all, plain.reporter) : plain
      return try await ProductsJob(context, file: from.map { FilePath($0) }, pattern: pattern).run()
    } status: { report in
      report.products.isEmpty ? .notThere : .success
    } show: { (report: ProductsReport) in
      var rows: [[String]] = []
      for product in report.products {
        let components = Words.count(product.components.count, "component")
        let indexes = product.indexes.map { $0.byteParts.last.map(String.init) ?? $0 }
        rows.append([
          product.name, product.version, components, indexes.joined(separator: " "),
          product.applications.joined(separator: "; "),
        ])
      }
      Console.lines(Console.table(rows))
      if rows.isEmpty { Console.errorLine("kscmirror products: none of \(report.known) products matches") }
    }
  }
}
