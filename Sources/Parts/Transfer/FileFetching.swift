import Curl

/// What fetches files from the servers of a source, as ``TransferClient`` does.
package protocol FileFetching: Sendable {
  /// Fetches one file into the request's sink.
  func fetch(_ request: TransferRequest) async throws(TransferError) -> TransferResponse

  /// What was done so far.
  var statistics: TransferStatistics { get }

  /// Ends all transfers, and waits until nothing of them is left.
  func shutdown()
}

extension TransferClient: FileFetching {}
