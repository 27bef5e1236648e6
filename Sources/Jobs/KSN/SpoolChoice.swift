import AdministrationServer
import FileSystem
import JobCore
import MirrorTypes
import ServerJobs
import SiteDocuments
import SystemPackage
import Trust

/// What of a spool goes into a parcel, and what stays and why.
struct SpoolChoice {
  /// The bodies that leave, in the order of their names.
  private(set) var bodies: [StatisticsBody] = []
  /// How many bodies went into a parcel before.
  private(set) var sentBefore = 0
  /// The names of bodies of which nothing may leave.
  private(set) var empty: [String] = []
  /// Why files are refused.
  private(set) var refused: [String] = []
  /// How many names are no plain files of a sound name.
  private(set) var skipped = 0
  /// The names of bodies that were removed, since they have arrived.
  private(set) var cleared: [String] = []
  private var spool: (folder: FilePath, schema: StatisticsSchema, sent: SentStatistics, bodies: [StatisticsBody])?

  /// Nothing.
  init() {}

  /// Looks into a spool.
  ///
  /// - Throws: an error if the folder cannot be read, or has more than it may have.
  init(
    _ folder: FilePath,
    _ schema: StatisticsSchema,
    _ sent: SentStatistics,
    again: Bool
  ) throws {
    let found = try StatisticsSpool(folder, schema: schema)
    refused = found.refused.map(\.description)
    skipped = found.skipped
    for body in found.bodies {
      if body.isEmpty {
        empty.append(body.name)
      } else if sent.contains(body) && !again {
        sentBefore += 1
      } else {
        // Better said here, where somebody can change the file, than where it is delivered.
        do {
          _ = try Params(statistics: body.bytes, name: body.name)
          bodies.append(body)
        } catch {
          refused.append(JobError(error).message)
        }
      }
    }
    spool = (folder, schema, sent, found.bodies)
  }

  /// All bodies in the spool.
  var inSpool: Set<SentStatistics.Body> { Set(spool?.bodies.map { SentStatistics.Body($0) } ?? []) }

  /// The bodies that leave, by their paths below the folder of their kind.
  var documents: [(String, [UInt8])] { bodies.map { (StatisticsPath.path(of: $0.name), $0.bytes) } }

  /// What a document counts of it.
  var counters: [String: Int] {
    guard spool != nil else { return [:] }
    return [
      "spoolBodies": bodies.count, "spoolSentBefore": sentBefore, "spoolEmpty": empty.count,
      "spoolRefused": refused.count, "spoolSkipped": skipped,
    ]
  }

  /// Tells what stays that somebody should look at.
  func tell(_ reporter: any JobReporter, _ folder: FilePath) {
    for reason in refused { reporter.error("spool-refused", "\(folder): \(reason)") }
    if skipped > 0 {
      reporter.warning(
        "spool-skipped",
        "\(folder): \(Words.count(skipped, "name is not a regular file NAME.json and was", "names are not regular files NAME.json and were")) skipped"
      )
    }
    for name in empty {
      reporter.warning(
        "spool-empty",
        "\(folder): nothing of \(name).json is on the list of what may leave; see fields in [ksn]"
      )
    }
  }

  /// Removes the bodies from the spool that have arrived on the connected side as they are.
  ///
  /// - Parameter dryRun: whether nothing is removed.
  mutating func clear(
    _ arrived: Set<ParcelHeader.Previous>,
    dryRun: Bool,
    _ reporter: any JobReporter
  ) throws {
    guard let spool else { return }
    let confirmed = spool.bodies.filter { spool.sent.isConfirmed($0, arrived) }
    for body in confirmed {
      let isRemoved = dryRun ? true : try remove(body, spool.folder, spool.schema, reporter)
      if isRemoved { cleared.append(body.name) }
    }
  }

  /// Removes a body, unless somebody has changed it meanwhile: it is looked at under a name that nobody else uses.
  private func remove(
    _ body: StatisticsBody,
    _ folder: FilePath,
    _ schema: StatisticsSchema,
    _ reporter: any JobReporter
  ) throws -> Bool {
    let spool = try OpenFolder(folder).place
    let file = spool.appending(body.name + StatisticsName.suffix)
    let aside = spool.appending(".\(body.name)\(StatisticsName.suffix).clearing")
    try file.rename(to: aside)
    let found = (try? aside.read(atMost: StatisticsBody.maximumSize)).flatMap { bytes in
      try? StatisticsBody(name: body.name, parsing: bytes, schema: schema)
    }
    if found?.digest == body.digest {
      try aside.remove()
      return true
    }
    reporter.information("spool-changed", "\(file) was changed meanwhile, and is kept")
    // One that was written anew since then takes the place of this one anyway.
    if try file.status() == nil { try aside.rename(to: file) } else { try aside.remove() }
    return false
  }
}
