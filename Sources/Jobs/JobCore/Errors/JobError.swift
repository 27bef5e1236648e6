import AdministrationServer
import BundleFormat
import ContentStore
import FileSystem
import MirrorConfiguration
import ObjectBucket
import SiteDocuments
import Transfer
import Trust
import UpdateIndex

/// Why a job could not do its work: in words that say what failed, on what, why and what to do next; and the exit
/// status that goes with it.
package struct JobError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The exit status.
  package let status: ExitStatus
  /// The failure in words.
  package let message: String
  /// What to do next, where there is something to do.
  package let remedy: String?

  /// A failure.
  package init(_ status: ExitStatus, _ message: String, remedy: String? = nil) {
    self.status = status
    self.message = message
    self.remedy = remedy
  }

  /// The failure and the remedy.
  package var description: String { remedy.map { "\(message)\n\($0)" } ?? message }

  /// Whatever was thrown, as a job's error.
  package init(translating error: any Error) {
    switch error {
    case let error as JobError: self = error
    case let error as StoreError: self.init(store: error)
    case let error as BundleError: self.init(bundle: error)
    case let error as TransferError: self.init(transfer: error)
    case let error as IndexError: self.init(index: error)
    case let error as UnknownProduct: self.init(product: error)
    case let error as FileError: self.init(file: error)
    case let error as TrustError: self.init(trust: error, at: "metadata")
    case let error as KeyError: self.init(.keyUnusable, error.description)
    case let error as MetadataProblem: self.init(.software, "metadata cannot be made: \(error)")
    case let error as ExchangeError: self.init(exchange: error)
    case let error as AdministrationServerError: self.init(server: error, at: "the Administration Server")
    case let error as ConfigurationError: self.init(.configuration, error.description)
    case let error as BucketError: self.init(bucket: error)
    case is CancellationError: self.init(.partial, "interrupted")
    default: self.init(.software, "\(error)")
    }
  }

  /// A failure of a call to the operating system.
  package init(file error: FileError) {
    self.init(Self.status(of: error), error.description, remedy: Self.remedy(for: error))
  }

  private static func status(of error: FileError) -> ExitStatus {
    if error.isOutOfSpace { return .noSpace }
    if error.isDeviceFailure { return .inputOutput }
    switch error.reason {
    case .permissionDenied, .notPermitted, .readOnlyFileSystem: return .permission
    case .noSuchFileOrDirectory, .notDirectory: return .notThere
    default: return .inputOutput
    }
  }

  private static func remedy(for error: FileError) -> String? {
    if error.isOutOfSpace {
      return "Make room on the file system that holds \(error.path), then run the command again."
    }
    if error.isDeviceFailure { return "Check the disk or stick, then run the command again." }
    return nil
  }
}

/// Runs `body` and turns what it throws into a job's error.
package func translatingErrors<Result>(_ body: () throws -> Result) throws(JobError) -> Result {
  do { return try body() } catch { throw JobError(translating: error) }
}

/// Runs `body` and turns what it throws into a job's error.
package func translatingErrors<Result: Sendable>(
  isolation: isolated (any Actor)? = #isolation,
  _ body: () async throws -> Result
) async throws(JobError) -> Result {
  do { return try await body() } catch { throw JobError(translating: error) }
}
