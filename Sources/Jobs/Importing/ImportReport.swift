import Bundles
import Collecting
import Hooks
import JobCore
import MirrorConfiguration
import MirrorTypes
import ServerJobs
import Serving
import StoreTrust
import Trust
import VendorChecks

/// What an import did.
package struct ImportReport: Sendable, Encodable {
  /// How an import ended well.
  package enum Outcome: String, Sendable, Encodable {
    /// The bundle is whole and sound; nothing was changed, as asked.
    case verified
    /// The snapshot was here already, and is published.
    case same
    /// The snapshot was here already, and is not published, since somebody has gone back from it.
    case held
    /// The snapshot was imported on the way to a later one, and not published.
    case taken
    /// The snapshot was imported and published.
    case published
  }

  /// How it ended.
  package internal(set) var outcome: Outcome
  /// The bundle's folder, without the path to it.
  package let bundle: String
  /// The snapshot.
  package let snapshot: Int
  /// When it was sealed on the connected side.
  package let created: UTCTime
  /// The date of its databases, by their indexes; `nil` where it is not known.
  package let indexDate: UTCTime?
  /// How old they are by that, and by the limits that are set.
  package let age: IndexAge
  /// The version of the metadata, and when it expires.
  package let version: Int
  /// When the metadata expires.
  package let expires: UTCTime
  /// The site that the bundle is for, if for one.
  package let site: String?
  /// How many files it has.
  package let files: Int
  /// Their bytes.
  package let bytes: Int64
  /// How many objects were not here before.
  package let newObjects: Int
  /// Their bytes.
  package let newBytes: Int64
  /// What the vendor's signatures say; `nil` when they were not looked at.
  package let vendor: VendorReport?
  /// Other files on the stick that no manifest lists, quoted.
  package internal(set) var strangers: [String] = []
  /// The bundles that were imported before this one, on the way to it.
  package internal(set) var before: [String] = []
  /// The evidence sheets that were written.
  package internal(set) var evidence: [String] = []
  /// What the rehearsal has asked for, if there was one.
  package internal(set) var rehearsal: RehearsalReport?
  /// A snapshot that an earlier run had imported and not published, and that this one has published first; `nil` as a
  /// rule.
  package internal(set) var finished: Int?
  /// The receipt that was written, if one was.
  package internal(set) var receipt: WrittenReceipt?
  /// A newer version of this program that has come with it.
  package internal(set) var program: NewerProgram?
  /// What the Administration Server made of it, if it was asked.
  package var serverUpdate: ServerUpdateReport?
  /// What became of the command that follows a publication; `nil` if there is none, or nothing was published.
  package var hook: HookReport?

  init(
    _ bundle: VerifiedBundle,
    _ context: JobContext,
    outcome: Outcome,
    newObjects: Int = 0,
    newBytes: Int64 = 0,
    vendor: VendorReport? = nil
  ) {
    self.outcome = outcome
    self.bundle = bundle.reader.name
    snapshot = bundle.snapshot.number
    created = bundle.snapshot.created
    let age = SnapshotAge(bundle.snapshot.notes)
    indexDate = age.date
    self.age = age.age(context.clock.now, by: context.configuration.watch.ages)
    version = bundle.header.version
    expires = bundle.header.expires
    site = bundle.facts.site
    files = bundle.snapshot.fileCount
    bytes = bundle.snapshot.totalBytes
    self.newObjects = newObjects
    self.newBytes = newBytes
    self.vendor = vendor
  }
}
