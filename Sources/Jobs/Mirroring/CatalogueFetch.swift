import MirrorTypes
import Transfer
import UpdateIndex
import JobCore

/// Fetches the vendor's product catalogue.
struct CatalogueFetch {
  let source: String
  let client: TransferClient

  /// The most bytes of a catalogue: the vendor's has half a megabyte.
  static let maximumBytes = 64 << 20

  /// Fetches and reads it.
  func run() async throws(JobError) -> ProductCatalogue {
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
      throw JobError(translating: error)
    }
  }
}
