import Curl
import Transfer
import Trust

/// The metadata of a repository on a server: the joint between Trust and Transfer.
package struct MetadataServer: MetadataSource {
  private let client: any FileFetching
  private let base: String

  /// The metadata below an address.
  package init(_ address: String, client: any FileFetching) {
    base = address.hasSuffix("/") ? String(address.dropLast()) : address
    self.client = client
  }

  /// Fetches a file of metadata; `nil` when the server does not have it, or does not let us see it.
  package func metadata(named name: String, atMost limit: Int) async throws -> [UInt8]? {
    let sink = MemorySink(limit: limit)
    let request = TransferRequest(.url("\(base)/\(name)"), into: sink, maximumBytes: Int64(limit))
    guard let failure = await failure(of: request) else { return sink.bytes }
    if failure.kind == .notFound || failure.kind == .forbidden { return nil }
    throw failure
  }

  private func failure(of request: TransferRequest) async -> TransferError? {
    do throws(TransferError) {
      _ = try await client.fetch(request)
      return nil
    } catch {
      return error
    }
  }
}
