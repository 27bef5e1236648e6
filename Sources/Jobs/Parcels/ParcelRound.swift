import Failures
import JobCore
import Journal
import MirrorTypes
import SystemPackage
import Trust

/// Uses the parcels that wait, each for itself: one that cannot be used never stops the others. One that is refused again
/// and again is set aside.
package struct ParcelRound {
  /// What could not be used.
  package struct Refusals {
    private var errors: [JobError] = []

    /// Whether all could be used.
    package var isEmpty: Bool { errors.isEmpty }

    mutating func append(_ error: JobError) { errors.append(error) }

    /// How a command ends that has met these: what must not be believed counts more than what did not work, and of
    /// those that count alike the first.
    package var status: ExitStatus { worst?.status ?? .success }

    private var worst: JobError? { errors.first { $0.status.isDistrust } ?? errors.first }

    /// Tells all of them, or throws the worst where nothing else was done: the others are told then.
    package func tell(_ reporter: any JobReporter, elseNothing isNothing: Bool) throws {
      guard let worst else { return }
      let told = isNothing ? errors.filter { $0 != worst } : errors
      for error in told { reporter.error("parcel-refused", error.description) }
      if isNothing { throw worst }
    }
  }

  private let inbox: ParcelInbox
  private let dryRun: Bool
  private(set) package var refusals = Refusals()

  /// A round over the parcels of an inbox.
  ///
  /// - Parameter dryRun: whether refusals are told, and not noted.
  package init(_ inbox: ParcelInbox, dryRun: Bool = false) {
    self.inbox = inbox
    self.dryRun = dryRun
  }

  /// Calls `body` for each parcel that carries something of a kind that was not used yet, by site and number. That it
  /// begins to be used stands in the journal, and how that ended.
  ///
  /// - Parameter site: only those of this site.
  /// - Throws: an error when it cannot be told which parcels there are, or nothing can be noted.
  package mutating func use(_ kind: ParcelKind, of site: String? = nil, _ body: (TakenParcel) throws -> Void) throws {
    for parcel in try inbox.pending(kind, of: site) {
      do {
        guard !dryRun else {
          try body(parcel)
          continue
        }
        let name = inbox.name(of: parcel)
        let beginning = inbox.beginning(of: kind, name, parcel)
        try inbox.audit.noting(beginning) { _ in
          do { try body(parcel) } catch { throw try inbox.counting(parcel, JobError(error)) }
          return AuditNote.parcel("\(name) was used: \(kind.rawValue)", site: parcel.site, number: parcel.number)
        }
      } catch {
        try take(error)
      }
    }
  }

  /// Looks at parcels without using them: those that cannot be read are refused.
  ///
  /// - Returns: those that `body` could read.
  package mutating func look(at parcels: [TakenParcel], _ body: (TakenParcel) throws -> Void) throws -> [TakenParcel] {
    var sound: [TakenParcel] = []
    for parcel in parcels {
      do {
        try body(parcel)
        sound.append(parcel)
      } catch {
        let failure = JobError(error)
        refusals.append(dryRun ? failure : try inbox.noteRefusal(of: parcel, failure))
      }
    }
    return sound
  }

  /// What cannot be noted ends the round; what a parcel is refused for does not.
  private mutating func take(_ error: any Error) throws {
    if error is JournalError || error is UnnotedChange { throw error }
    refusals.append(JobError(error))
  }
}

extension ExitStatus {
  /// Whether it tells of a parcel itself, not of the place here, so that the next run will not do better.
  fileprivate var isOfParcel: Bool {
    switch self {
    case .badParcel, .incompleteParcel, .wrongContent, .hostileIndex, .damagedStore, .malformedIndex: true
    default: false
    }
  }

  /// Whether a parcel that fails with it was refused, and did not just have to wait.
  fileprivate var isRefusalOfParcel: Bool { isOfParcel || isDistrust || self == .cannotCreate }
}

extension ParcelInbox {
  /// How often a parcel is refused before it is set aside.
  package static let mostRefusals = 3

  fileprivate func name(of parcel: TakenParcel) -> String {
    "\(direction.noun) \(parcel.number) of site \(parcel.site)"
  }

  fileprivate func beginning(of kind: ParcelKind, _ name: String, _ parcel: TakenParcel) -> AuditNote {
    AuditNote(
      .parcel,
      "the use of \(name) (\(kind.rawValue))",
      ["site": .string(parcel.site), "number": .integer(parcel.number)],
      refused: "what \(name) holds",
      if: \.isRefusalOfParcel
    )
  }

  /// Notes in the journal that a parcel was refused, and sets it aside if that is not the first time.
  ///
  /// - Returns: the failure, with what becomes of the parcel.
  fileprivate func noteRefusal(of parcel: TakenParcel, _ failure: JobError) throws -> JobError {
    let counted = try counting(parcel, failure)
    // What is about this host alone, such as a full disk, is tried again by each run.
    if failure.status.isRefusalOfParcel {
      audit.noteRefusal(
        "\(name(of: parcel)) was refused: \(counted.message)",
        ["site": .string(parcel.site), "number": .integer(parcel.number)],
        failure,
        reporter
      )
    }
    return counted
  }

  /// Counts that a parcel was refused, and sets it aside if that is not the first time.
  ///
  /// - Returns: the failure, with what becomes of the parcel.
  fileprivate func counting(_ parcel: TakenParcel, _ failure: JobError) throws -> JobError {
    let name = name(of: parcel)
    var refusals = 0
    if failure.status.isOfParcel {
      try shelf(parcel.site).change { ledger in
        ledger.change(parcel.number) { entry in
          entry.refusals += 1
          refusals = entry.refusals
        }
      }
    }
    let isSetAside = refusals >= Self.mostRefusals
    let fate = isSetAside ? "; it was refused \(refusals) times, and is set aside" : ""
    guard failure.status.isOfParcel else { return failure }
    let drop = "'kscmirror parcel drop \(parcel.site) \(parcel.number)'"
    return JobError(
      failure.status,
      "\(name): \(failure.message)\(fate)",
      remedy: isSetAside
        ? "Have its content sent again, in a new parcel. \(drop) removes this one."
        : "Have its content sent again, in a new parcel; the others are used all the same. \(drop) removes this one; after \(Self.mostRefusals) refusals it is set aside."
    )
  }

  /// Removes a parcel that has come, used or not. Its number stays known: it cannot come a second time.
  ///
  /// - Throws: an error with ``ExitStatus/notThere`` when it is not here.
  package func drop(site: String, number: Int64) throws {
    let shelf = shelf(site)
    guard let entry = try shelf.load()?.entry(number), entry.isKept else { throw notHere(site: site, number: number) }
    let unused = entry.carries.filter { !entry.consumed.contains($0) }.map(\.rawValue)
    let what = unused.isEmpty ? "all of it was used" : "not used: \(unused.joined(separator: ", "))"
    let name = "\(direction.noun) \(number) of site \(site)"
    try audit.noting(.parcel("the removal of \(name)", site: site, number: number)) { _ in
      try shelf.change { ledger in ledger.change(number) { $0.isKept = false } }
      try shelf.remove(number)
      return .parcel("\(name) was dropped; \(what)", site: site, number: number)
    }
  }
}
