import Catalogue
import ContentStore
import Demand
import FoundationEssentials
import JobCore
import MirrorTypes
import StoreTrust
import SyncRules
import Transfer

/// What a source's last sealed sync knew of its indexes: enough to find out, with one conditional request for each,
/// that nothing is new, without loading anything of the files.
package struct TreeMemory: Codable, Sendable {
  /// One index as it was then.
  struct Index: Codable, Sendable, Hashable {
    /// Its object; `nil` when the server did not have it.
    var object: ObjectDigest?
    /// Its bytes.
    var size: Int64 = 0
    /// The server's validators.
    var validators = Validators()
    /// The server that it came from.
    var server = ""
    /// When it came, or was last found absent.
    var fetched: UTCTime = .epoch
    /// What is known of its absence; `nil` for one that is here.
    var absence: Absence?
    /// Whether the vendor's signature over it is right; `nil` when that was not looked at.
    var isVerified: Bool?
    /// The index that it stands in; `nil` where the server gave it as a file of its own.
    var carriedBy: String?
  }

  /// The plan's fingerprint then.
  var plan: String
  /// How the vendor's signatures were taken then.
  var vendor: String?
  /// Whether difference files were mirrored then; `nil`: no.
  var diffs: Bool?
  /// What was taken for which site; `nil` where that did not depend on sites. It is kept here and not in the snapshot's
  /// notes, which travel: no site should learn what another one has.
  package var demand: DemandNotes?
  /// When the sync was sealed.
  var sealed: UTCTime = .epoch
  /// The indexes by path.
  var indexes: [String: Index] = [:]
  /// Absences that a person has let through; `nil`: none.
  var accepted: AcceptedAbsences?
  /// Facts for notes and reports.
  var notes = SourceNotes()
  /// How many files there were.
  var files = 0
  /// Their bytes.
  var bytes: Int64 = 0

  init(plan: String) { self.plan = plan }

  /// Reads what ``text`` wrote; `nil` for anything else, which then is a first sync.
  package init?(_ text: String) {
    guard let memory = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)) else { return nil }
    self = memory
  }

  /// The memory as a text.
  var text: String {
    get throws { String(decoding: try JSONEncoder().encode(self), as: UTF8.self) }
  }
}

extension TreeMemory.Index {
  /// An index that has just come.
  init(_ object: FinishedObject, _ response: TransferResponse, at time: UTCTime) {
    self.init(
      object: object.digest,
      size: object.size,
      validators: response.validators,
      server: response.server,
      fetched: time
    )
  }
}

extension TreeMemory.Index {
  /// An index that the servers do not have.
  static func absent(after before: Absence?, refusal: Int?, at time: UTCTime) -> Self {
    Self(fetched: time, absence: Absence(after: before, refusal: refusal))
  }

  /// Whether it was absent, and it is time to ask for it again.
  func isDue(at now: UTCTime) -> Bool {
    object == nil && AbsenceSchedule.isDue(asks: absence?.asks ?? 0, last: absence == nil ? .epoch : fetched, now: now)
  }
}
