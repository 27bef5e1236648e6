import BundleFormat
import Collecting
import ContentStore
import Failures
import FileSystem
import JobCore

// The receipt that an import leaves on the medium.

extension ImportJob {
  /// Refusals after which the connected side should learn what is here: it has made a bundle that does not fit.
  static let answered: Set<ExitStatus> = [.gap, .olderBundle, .incompleteBundle]

  /// Writes a receipt after a refusal, if it is one that the connected side can do something about.
  func leaveReceipt(after error: JobError, of store: ContentStore, on medium: Place?) {
    guard Self.answered.contains(error.status) else { return }
    leaveReceipt(of: store, on: medium)
  }

  /// Collects what lies beside the bundle for this site, so that the receipt reports it. Nothing of it makes an import
  /// fail.
  func takeDeliveries(on medium: Place?) {
    guard let medium, let site = options.site ?? configuration.site else { return }
    Collecting.takeDeliveries(at: medium, site: site, context)
  }

  /// Writes the receipt of what is here now, into the store and beside the bundle. Nothing of it makes an import fail.
  ///
  /// - Parameters:
  ///   - store: the store.
  ///   - medium: the folder that was opened before the first bundle was read, so that what is mounted in its place
  ///     meanwhile gets nothing; `nil` when the bundle came without one, as through a diode.
  @discardableResult
  func leaveReceipt(of store: ContentStore, on medium: Place?) -> WrittenReceipt? {
    guard options.receipt else { return nil }
    guard let site = options.site ?? configuration.site else {
      reporter.information(
        "no-receipt",
        "no receipt was written, since this site has no name. \(ReceiptJob.namingRemedy)"
      )
      return nil
    }
    do {
      let written = try ReceiptWriting(context, site: site).write(of: store)
      return medium.map { lay(written, on: $0) } ?? written
    } catch {
      reporter.warning("receipt", "no receipt could be written: \(JobError(error))")
      return nil
    }
  }

  private func lay(_ receipt: WrittenReceipt, on medium: Place) -> WrittenReceipt {
    var written = receipt
    do {
      try written.write(to: medium)
      reporter.information("receipt", "receipt \(written.number) of site \(written.site): \(written.file ?? "")")
    } catch {
      reporter.warning(
        "receipt",
        "the receipt could not be written to the stick (\(JobError(error).message)); carry \(written.kept) to the connected side instead"
      )
    }
    return written
  }
}
