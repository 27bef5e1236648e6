import Failures
import JobCore

/// How the program ends, by the names of exit statuses.
enum Exit {
  static let partial = ExitStatus.partial.rawValue
  static let usage = ExitStatus.usage.rawValue
  static let malformedIndex = ExitStatus.malformedIndex.rawValue
  static let notThere = ExitStatus.notThere.rawValue
  static let noServer = ExitStatus.noServer.rawValue
  static let software = ExitStatus.software.rawValue
  static let badStore = ExitStatus.badStore.rawValue
  static let cannotCreate = ExitStatus.cannotCreate.rawValue
  static let inputOutput = ExitStatus.inputOutput.rawValue
  static let busy = ExitStatus.busy.rawValue
  static let badAnswer = ExitStatus.badAnswer.rawValue
  static let permission = ExitStatus.permission.rawValue
  static let configuration = ExitStatus.configuration.rawValue
  static let notTrusted = ExitStatus.notTrusted.rawValue
  static let notOnServer = ExitStatus.notOnServer.rawValue
  static let serverError = ExitStatus.serverError.rawValue
  static let cutShort = ExitStatus.cutShort.rawValue
  static let wrongContent = ExitStatus.wrongContent.rawValue
  static let movingTarget = ExitStatus.movingTarget.rawValue
  static let hostileIndex = ExitStatus.hostileIndex.rawValue
  static let shrunk = ExitStatus.shrunk.rawValue
  static let absentFiles = ExitStatus.absentFiles.rawValue
  static let noSpace = ExitStatus.noSpace.rawValue
  static let notABundle = ExitStatus.notABundle.rawValue
  static let incompleteBundle = ExitStatus.incompleteBundle.rawValue
  static let damagedBundle = ExitStatus.damagedBundle.rawValue
  static let olderBundle = ExitStatus.olderBundle.rawValue
  static let damagedStore = ExitStatus.damagedStore.rawValue
  static let lastSyncFailed = ExitStatus.lastSyncFailed.rawValue
  static let unknownKey = ExitStatus.unknownKey.rawValue
  static let tooFewSignatures = ExitStatus.tooFewSignatures.rawValue
  static let expired = ExitStatus.expired.rawValue
  static let otherSite = ExitStatus.otherSite.rawValue
  static let objectMismatch = ExitStatus.objectMismatch.rawValue
  static let vendorSignature = ExitStatus.vendorSignature.rawValue
  static let notVerifiable = ExitStatus.notVerifiable.rawValue
  static let olderIndex = ExitStatus.olderIndex.rawValue
  static let brokenJournal = ExitStatus.brokenJournal.rawValue
  static let keyUnusable = ExitStatus.keyUnusable.rawValue
  static let gap = ExitStatus.gap.rawValue
  static let strangers = ExitStatus.strangers.rawValue
  static let badReceipt = ExitStatus.badReceipt.rawValue
  static let badParcel = ExitStatus.badParcel.rawValue
  static let incompleteParcel = ExitStatus.incompleteParcel.rawValue
  static let parcelNumberTaken = ExitStatus.parcelNumberTaken.rawValue
  static let licenceWarning = ExitStatus.licenceWarning.rawValue
  static let licenceCritical = ExitStatus.licenceCritical.rawValue
  static let nothingReported = ExitStatus.nothingReported.rawValue
  static let doctorWarning = ExitStatus.doctorWarning.rawValue
  static let doctorError = ExitStatus.doctorError.rawValue
  static let agreementNotAccepted = ExitStatus.agreementNotAccepted.rawValue
  static let rehearsalFailed = ExitStatus.rehearsalFailed.rawValue
  static let cannotListen = ExitStatus.cannotListen.rawValue
  static let badCertificate = ExitStatus.badCertificate.rawValue
  static let serverNotUpdated = ExitStatus.serverNotUpdated.rawValue
  static let hookFailed = ExitStatus.hookFailed.rawValue
}
