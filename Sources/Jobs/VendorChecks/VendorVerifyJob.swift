import Failures
import JobCore
import MirrorConfiguration
import SystemPackage

/// Verifies any folder that holds an update tree by the vendor's own signatures.
package struct VendorVerifyJob: Sendable {
  private let folder: FilePath
  private let settings: VendorSettings
  private let reporter: any JobReporter

  /// A job on a folder that has `index/` in it.
  package init(folder: FilePath, settings: VendorSettings, reporter: any JobReporter) {
    self.folder = folder
    self.settings = settings
    self.reporter = reporter
  }

  /// Verifies it; it is only read.
  ///
  /// - Throws: an error when it cannot be read, or is none. What is wrong is in the report.
  package func run() async throws -> VendorReport {
    reporter.report(.phase("verifying \(folder)"))
    return try await VendorVerification(
      tree: FolderTree(folder),
      settings: settings,
      scope: .everything,
      reporter: reporter
    ).run()
  }
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
