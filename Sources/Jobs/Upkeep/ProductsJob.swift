import ContentStore
import FileSystem
import JobCore
import Mirroring
import SystemPackage
import Transfer
import UpdateIndex

/// Lists the vendor's products.
package struct ProductsJob: Sendable, InContext {
  package let context: JobContext
  private let file: FilePath?
  private let pattern: String?

  /// A job that reads the catalogue from `file`, or else from the first source of kind `kaspersky`.
  package init(_ context: JobContext, file: FilePath?, pattern: String?) {
    self.context = context
    self.file = file
    self.pattern = pattern
  }

  /// Lists them.
  package func run() async throws -> ProductsReport {
    let catalogue = try await catalogue()
    let products = pattern.map(catalogue.matching) ?? catalogue.products
    return ProductsReport(known: catalogue.products.count, products: products.map(ProductsReport.ProductFacts.init))
  }

  /// The vendor's catalogue.
  package func catalogue() async throws -> ProductCatalogue {
    if let file {
      return try ProductCatalogue(parsing: try Files.read(file, atMost: CatalogueFetch.maximumBytes))
    }
    for source in configuration.sources {
      guard case .kaspersky(let tree) = source.kind else { continue }
      reporter.report(.phase("asking \(source.name) for the product catalogue"))
      let client = try transports.files(try TransferOptions(source.transport, servers: tree.servers))
      defer { client.shutdown() }
      return try await CatalogueFetch(source: source.name, client: client).run()
    }
    throw JobError(
      .configuration,
      "there is no source of kind kaspersky to ask",
      remedy: "Give the catalogue's file with --from."
    )
  }
}

/// The vendor's products.
package struct ProductsReport: Sendable, Encodable {
  /// How many the catalogue has.
  package let known: Int
  /// Those that match.
  package let products: [ProductFacts]

  /// One product.
  package struct ProductFacts: Sendable, Encodable {
    /// Its name, as `products` takes it.
    package let name: String
    /// Its version.
    package let version: String
    /// The primary indexes that are mirrored for it: those that the catalogue names, and their signed siblings.
    package let indexes: [String]
    /// Its components.
    package let components: [String]
    /// What the indexes call it, as `applications` and `reported_as` take it.
    package let applications: [String]

    init(_ product: Product) {
      name = product.name
      version = product.version
      indexes = PrimaryIndexes.walked(from: product.trees, components: product.components).map(\.string)
      components = product.components
      applications = product.applications
    }
  }
}
