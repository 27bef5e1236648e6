/// How a command ends: 0, sysexits(3) where one of them says it, and numbers of our own from 80 where none does.
///
/// One number for each kind of failure; kscmirror(1) lists them all, from this table.
package enum ExitStatus: Int32, Sendable, CaseIterable {
  /// All was done.
  case success = 0
  /// What could be done was done, but something failed: a source, a file.
  case partial = 1
  /// The command line was wrong (EX_USAGE).
  case usage = 64
  /// An index is truncated or malformed (EX_DATAERR).
  case malformedIndex = 65
  /// What was named is not there: a snapshot, a path, a bundle (EX_NOINPUT).
  case notThere = 66
  /// No server could be reached (EX_UNAVAILABLE).
  case noServer = 69
  /// A defect of kscmirror itself (EX_SOFTWARE).
  case software = 70
  /// The store is unreadable, damaged at its root, too new, or a folder of somebody else (EX_OSFILE).
  case badStore = 72
  /// An output cannot be made (EX_CANTCREAT).
  case cannotCreate = 73
  /// Reading or writing failed: a disk or a stick that fails, or was pulled (EX_IOERR).
  case inputOutput = 74
  /// Another run holds the store; try again later (EX_TEMPFAIL).
  case busy = 75
  /// A server broke the protocol, or answered with an error that we cannot place (EX_PROTOCOL).
  case badAnswer = 76
  /// Permission was denied (EX_NOPERM).
  case permission = 77
  /// The configuration is wrong (EX_CONFIG).
  case configuration = 78
  /// A server's certificate is not trusted.
  case notTrusted = 80
  /// A server does not have what has to be there, such as a primary index (404).
  case notOnServer = 81
  /// A server answers with errors of its own (5xx).
  case serverError = 82
  /// A connection was cut, or stalled, and did not come back.
  case cutShort = 83
  /// A file has another length, or other bytes, than it should have.
  case wrongContent = 84
  /// The primary indexes kept changing while the sync ran.
  case movingTarget = 85
  /// An index tries something that no honest index does: leaves the root, loops, passes a bound.
  case hostileIndex = 86
  /// The shrink guard found too much missing.
  case shrunk = 87
  /// Files that indexes name are absent, and `strict` is set.
  case absentFiles = 88
  /// There is no room on a disk or a stick.
  case noSpace = 89
  /// What was given is not a bundle, or one of a version that this program cannot read.
  case notABundle = 90
  /// Parts of a bundle are missing.
  case incompleteBundle = 91
  /// A part of a bundle is damaged.
  case damagedBundle = 92
  /// A bundle is older than what is here.
  case olderBundle = 93
  /// Files of the store are damaged or missing.
  case damagedStore = 94
  /// The last sync ended with errors, so that no bundle is made.
  case lastSyncFailed = 95
  /// Metadata is signed by keys that are not trusted here, or nothing is trusted here yet.
  case unknownKey = 96
  /// Too few of the trusted keys have signed metadata.
  case tooFewSignatures = 97
  /// Metadata has ceased to be good.
  case expired = 98
  /// A bundle is for another site.
  case otherSite = 99
  /// The bytes of an object are not those that were signed.
  case objectMismatch = 100
  /// A signature or digest of the vendor's is wrong.
  case vendorSignature = 101
  /// Something carries no signature of the vendor's that can be verified, and `vendor_signatures` requires one.
  case notVerifiable = 102
  /// A primary index is older than the one that is here.
  case olderIndex = 103
  /// The journal's chain is broken.
  case brokenJournal = 104
  /// A private key is missing, or the pass phrase is wrong.
  case keyUnusable = 105
  /// An incremental bundle needs a snapshot that this site does not have.
  case gap = 106
  /// A medium holds what no manifest names, and `strict` is set.
  case strangers = 107
  /// A receipt is not what the site has signed.
  case badReceipt = 108
  /// A parcel is not what the site has signed, or cannot be opened.
  case badParcel = 109
  /// Parts of a parcel are missing, or cut short.
  case incompleteParcel = 110
  /// A parcel has the number of another one that was collected before.
  case parcelNumberTaken = 111
  /// A licence is worth a warning: it ends soon, is used up, or paused.
  case licenceWarning = 112
  /// A licence has run out, or is blocked.
  case licenceCritical = 113
  /// No site has reported what it needs, and a source is to carry just that.
  case nothingReported = 114
  /// `doctor` has found something that somebody should look at.
  case doctorWarning = 115
  /// `doctor` has found something that does not work.
  case doctorError = 116
  /// An agreement of a package is not accepted, so that the package is not given out.
  case agreementNotAccepted = 117
  /// The new release, asked for as an updater does, does not answer as it should: the old one stays.
  case rehearsalFailed = 120
  /// The web server cannot listen at the configured address.
  case cannotListen = 121
  /// The web server's certificate or key cannot be used.
  case badCertificate = 122
  /// The release is published here, but the Administration Server has not taken it.
  case serverNotUpdated = 123
  /// The release is published here, but the command that the configuration has run after it failed.
  case hookFailed = 124

  /// Whether it means that something is not what it should be by its signature or digest, or tries what nothing honest
  /// does.
  package var isDistrust: Bool {
    switch self {
    case .hostileIndex, .unknownKey, .tooFewSignatures, .expired, .objectMismatch, .vendorSignature, .notVerifiable,
      .olderIndex, .olderBundle, .wrongContent, .badReceipt,
      .badParcel, .parcelNumberTaken:
      true
    default: false
    }
  }

  /// Whether it is about something that came from outside (a stick, a server, a parcel, a file of somebody's), and not of
  /// this host, of its configuration, or of how the command was called.
  package var isOfWhatCame: Bool {
    if isDistrust { return true }
    switch self {
    case .malformedIndex, .badAnswer, .notTrusted, .shrunk, .notABundle, .incompleteBundle, .damagedBundle, .otherSite,
      .gap, .strangers, .incompleteParcel:
      return true
    default: return false
    }
  }

  /// What the number stands for, in a few words.
  package var summary: String {
    switch self {
    case .success: "all was done"
    case .partial: "part of the work failed; the rest was done"
    case .usage: "wrong command line"
    case .malformedIndex: "an index is truncated or malformed"
    case .notThere: "what was named is not there"
    case .noServer: "no server could be reached"
    case .software: "a defect of kscmirror"
    case .badStore: "the store is unreadable, foreign or too new"
    case .cannotCreate: "an output cannot be made"
    case .inputOutput: "a disk or stick failed, or was pulled"
    case .busy: "another run holds the store"
    case .badAnswer: "a server broke the protocol"
    case .permission: "permission denied"
    case .configuration: "wrong configuration"
    case .notTrusted: "a server's certificate is not trusted"
    case .notOnServer: "a server does not have what has to be there"
    case .serverError: "a server answers with errors of its own"
    case .cutShort: "a connection was cut or stalled"
    case .wrongContent: "a file has the wrong length or content"
    case .movingTarget: "the indexes kept changing, or one has not come yet"
    case .hostileIndex: "an index is hostile"
    case .shrunk: "the shrink guard found too much missing"
    case .absentFiles: "named files are absent and strict is set"
    case .noSpace: "no room on a disk or stick"
    case .notABundle: "not a bundle, or one of an unknown version"
    case .incompleteBundle: "parts of a bundle are missing"
    case .damagedBundle: "a bundle is damaged"
    case .olderBundle: "a bundle is older than what is here"
    case .damagedStore: "files of the store are damaged or missing"
    case .lastSyncFailed: "the last sync ended with errors"
    case .unknownKey: "signed by keys that are not trusted here"
    case .tooFewSignatures: "too few trusted keys have signed"
    case .expired: "what was signed has expired"
    case .otherSite: "a bundle is for another site"
    case .objectMismatch: "an object is not what was signed"
    case .vendorSignature: "a signature of the vendor's is wrong"
    case .notVerifiable: "not verifiable by the vendor's signatures"
    case .olderIndex: "a primary index is older than what is here"
    case .brokenJournal: "the journal's chain is broken"
    case .keyUnusable: "a private key cannot be used"
    case .gap: "an incremental bundle does not fit what is here"
    case .strangers: "a stick holds files that no manifest lists"
    case .badReceipt: "a receipt cannot be trusted"
    case .badParcel: "a parcel cannot be trusted or opened"
    case .incompleteParcel: "parts of a parcel are missing"
    case .parcelNumberTaken: "a parcel has the number of another one"
    case .licenceWarning: "a licence ends soon, is used up, or paused"
    case .licenceCritical: "a licence has run out, or is blocked"
    case .nothingReported: "no site has reported what it needs"
    case .doctorWarning: "the doctor has warnings"
    case .doctorError: "the doctor has found what does not work"
    case .agreementNotAccepted: "an agreement of a package is not accepted"
    case .rehearsalFailed: "a new release failed its rehearsal"
    case .cannotListen: "the web server cannot listen at the configured address"
    case .badCertificate: "the web server's certificate cannot be used"
    case .serverNotUpdated: "the Administration Server has not fetched the release"
    case .hookFailed: "a release is published, and the command after it failed"
    }
  }
}
