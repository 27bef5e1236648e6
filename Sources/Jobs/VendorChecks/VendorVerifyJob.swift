import Failures
import JobCore
import MirrorConfiguration
import SystemPackage

/// Verifies any folder that holds an update tree by the vendor's own signatures.
package struct VendorVerifyJob: Sendable, InContext {
  package let context: JobContext
  private let tree: FilePath

  /// A job on a folder that has `index/` in it.
  package init(_ context: JobContext, tree: FilePath) {
    self.context = context
    self.tree = tree
  }

  /// Verifies it; it is only read.
  ///
  /// - Throws: an error when it cannot be read, or is none. What is wrong is in the report.
  package func run() async throws -> VendorTreeReport {
    reporter.report(.phase("verifying \(tree)"))
    let report = try await VendorVerification(
      tree: FolderTree(tree),
      settings: configuration.vendor,
      scope: .everything,
      reporter: reporter
    ).run()
    return VendorTreeReport(tree: report, status: report.status(configuration.vendor))
  }
}

/// What was found in a folder, which is written as that alone.
package struct VendorTreeReport: Sendable, Encodable {
  package let tree: VendorReport
  /// How a command ends that has found this.
  package let status: ExitStatus

  package func encode(to encoder: any Encoder) throws { try tree.encode(to: encoder) }
}

extension VendorReport {
  /// How a command ends that has found this.
  ///
  /// - Parameter settings: whether what cannot be verified counts as wrong.
  package func status(_ settings: VendorSettings) -> ExitStatus {
    if !isClean { return .vendorSignature }
    if settings.signatures == .required && notVerifiable > 0 { return .notVerifiable }
    return isComplete ? .success : .partial
  }
}
