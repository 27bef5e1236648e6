import Curl

/// What fetches files from the servers of a source, as ``TransferClient`` does.
package protocol FileFetching: Sendable {
  /// Fetches one file into the request's sink.
  func fetch(_ request: TransferRequest) async throws(TransferError) -> TransferResponse

  /// Asks a server of the pool for nothing more, named as ``TransferResponse/server`` names it.
  ///
  /// - Returns: whether another one is left; if not, it stays.
  func setAside(server: String) -> Bool

  /// What was done so far.
  var statistics: TransferStatistics { get }

  /// Ends all transfers, and waits until nothing of them is left.
  func shutdown()
}

extension TransferClient: FileFetching {}
