import Curl
import JobCore
import MirrorTypes
import Transfer
import UpdateIndex

/// Fetches the vendor's product catalogue.
package struct CatalogueFetch {
  let source: String
  let client: any FileFetching

  package init(source: String, client: any FileFetching) {
    self.source = source
    self.client = client
  }

  /// The most bytes of a catalogue: the vendor's has half a megabyte.
  package static let maximumBytes = 64 << 20

  /// Fetches and reads it.
  package func run() async throws -> ProductCatalogue {
    let path = ProductCatalogue.path
    let sink = MemorySink(limit: Self.maximumBytes)
    let request = TransferRequest(.path(path.string), into: sink, maximumBytes: Int64(Self.maximumBytes))
    do {
      _ = try await client.fetch(request)
      return try ProductCatalogue(parsing: sink.bytes)
    } catch let error as TransferError where error.kind == .notFound {
      throw JobError(
        .notOnServer,
        "source \(source): the server does not have the product catalogue \(path)",
        remedy: "Choose by 'components' in the configuration instead of by 'products'."
      )
    } catch {
      throw error
    }
  }
}
