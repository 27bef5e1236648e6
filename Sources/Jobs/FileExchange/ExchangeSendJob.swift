import ContentStore
import Failures
import FileSystem
import JobCore
import MirrorConfiguration
import MirrorTypes
import Parcels
import Sites
import SystemPackage
import Trust

/// Puts the files of exchange folders into a parcel, or into deliveries for sites: each file leaves once, and again when it
/// has changed. What the other side is known to have is removed here, if that is wanted.
package struct ExchangeSendJob: Sendable, InContext {
  /// What is sent.
  package struct Options: Sendable {
    /// The names of the folders; none: all that this side sends.
    package var names: [String] = []
    /// Whether files leave again that have left as they are.
    package var again = false
    /// The medium; `nil`: parcels stay in the store.
    package var output: FilePath?
    /// Whether what was written to the medium is read back and compared.
    package var readBack = true
    /// Whether nothing is made or removed, and what would be done is reported.
    package var dryRun = false

    /// The defaults.
    package init() {}
  }

  private let side: ExchangeSide
  private let options: Options
  package let context: JobContext

  /// A job on the store and the folders of a configuration.
  package init(_ context: JobContext, options: Options) throws {
    self.context = context
    side = try ExchangeSide(context)
    self.options = options
  }

  /// A folder's files that go to one receiver.
  private struct Choice {
    let folder: ExchangeFolder
    let kind: ParcelKind
    let files: [ExchangeScan.File]
    /// With the preset for patches: the site's lists of required updates.
    var lists: [ExchangeScan.File] = []
  }

  /// Sends what has not left yet.
  ///
  /// - Throws: an error; a parcel that was made before it is kept.
  package func run() throws -> ExchangeSendReport {
    _ = try ContentStore.open(side.store, access: .reading)
    let folders = try side.folders(options.names).filter(side.sends)
    guard !folders.isEmpty else {
      throw JobError(
        .configuration,
        "none of these exchange folders is sent from this side",
        remedy: side.isSite ? "Direction \"out\" is sent at a site." : "Direction \"in\" is sent on the connected side."
      )
    }
    let lock = try StoreLock.exchange.take(in: side.store)
    defer { withExtendedLifetime(lock) {} }
    var report = ExchangeSendReport(dryRun: options.dryRun)
    var failures: [JobError] = []
    let scans = scan(folders, &report, &failures)
    for receiver in try receivers(folders) {
      var choices: [Choice] = []
      for folder in folders where try goes(folder, to: receiver) {
        let files = scans[folder.name]?.files ?? []
        if let choice = try choose(from: files, folder, receiver), !choice.files.isEmpty { choices.append(choice) }
      }
      guard !choices.isEmpty else { continue }
      do {
        report.parcels.append(try send(choices, to: receiver))
      } catch {
        // A site whose key is not known yet is no reason to keep the others waiting.
        let failure = JobError(error)
        guard failure.status == .notThere, let receiver else { throw error }
        reporter.warning("site-waits", "nothing was sent to site \(receiver): \(failure)")
      }
    }
    try tell(failures, &report)
    return report
  }

  // MARK: - What there is

  /// Clears and reads the folders, each for itself: whoever may write in one of them keeps nothing of the others waiting.
  private func scan(
    _ folders: [ExchangeFolder],
    _ report: inout ExchangeSendReport,
    _ failures: inout [JobError]
  ) -> [String: ExchangeScan] {
    let clearing = ExchangeClearing(side: side, dryRun: options.dryRun, reporter: reporter)
    var scans: [String: ExchangeScan] = [:]
    for folder in folders {
      do {
        report.cleared += try clearing.clear(folder)
        let scan = try ExchangeScan(folder.folder, atMost: side.configuration.parcels.mostBytes)
        warn(of: scan, folder)
        if !scan.unreadable.isEmpty { report.status = .partial }
        scans[folder.name] = scan
      } catch {
        failures.append(JobError(error))
      }
    }
    return scans
  }

  /// Warns of what is there and does not leave.
  private func warn(of scan: ExchangeScan, _ folder: ExchangeFolder) {
    let hidden = scan.skipped - scan.refusedCount
    var parts: [String] = []
    if hidden > 0 {
      parts.append(
        Words.count(hidden, "name is hidden or not a regular file", "names are hidden or not regular files")
      )
    }
    if scan.refusedCount > 0 {
      let names = Words.count(scan.refusedCount, "name cannot be sent", "names cannot be sent")
      parts.append("\(names), since not every system can save a file of that name: \(Words.list(scan.refused))")
    }
    if !parts.isEmpty { reporter.warning("skipped", "\(folder.folder): skipped: \(parts.joined(separator: "; "))") }
    guard !scan.unreadable.isEmpty else { return }
    let names = Words.count(scan.unreadableCount, "name", "names")
    let reasons = Words.list(scan.unreadable.map(\.description))
    reporter.error("unreadable", "\(folder.folder): \(names) cannot be read here, and did not leave: \(reasons)")
  }

  /// Reports the folders of which nothing was sent; the first of them ends the command where there is no other.
  private func tell(_ failures: [JobError], _ report: inout ExchangeSendReport) throws {
    guard let first = failures.first else { return }
    let isNothing = report.parcels.isEmpty && report.cleared.isEmpty
    for failure in isNothing ? Array(failures.dropFirst()) : failures {
      reporter.error("folder-refused", failure.description)
    }
    if isNothing { throw first }
    report.status = first.status
  }

  // MARK: - Who gets what

  /// The sites that files go to; at a site: the connected side alone.
  private func receivers(_ folders: [ExchangeFolder]) throws -> [String?] {
    if side.isSite { return [nil] }
    let known = try SiteRegistry(side.folders).names()
    for folder in folders {
      for site in folder.sites where !known.contains(site) {
        reporter.warning("unknown-site", "exchange folder \(folder.name): site \(site) is not known here yet")
      }
    }
    return known
  }

  private func goes(_ folder: ExchangeFolder, to site: String?) throws -> Bool {
    guard let site else { return true }
    if !folder.sites.isEmpty { return folder.sites.contains(site) }
    guard folder.preset != nil, let lists = side.counterpart(of: folder) else { return true }
    // Patches go to each site that has asked for some.
    return try side.listingSites(lists).contains(site)
  }

  private func choose(
    from files: [ExchangeScan.File],
    _ folder: ExchangeFolder,
    _ site: String?
  ) throws -> Choice? {
    let ledger = try ExchangeLedger(side.store, folder.name, to: site)
    var choice = Choice(
      folder: folder,
      kind: try side.kind(of: folder),
      files: files.filter { options.again || !ledger.hasLeft($0) }
    )
    if let site, folder.preset != nil, let lists = side.counterpart(of: folder),
      try side.listingSites(lists).contains(site)
    {
      choice.lists = try ExchangeScan(try side.lists(lists, of: site), atMost: .max).files
    }
    return choice
  }

  private func send(_ choices: [Choice], to site: String?) throws -> ExchangeSendReport.Parcel {
    guard let first = choices.first else { throw JobError(.software, "nothing to send") }
    let outbox = try side.outbox(first.folder, to: site)
    func fill(_ writer: ParcelWriter) throws {
      for choice in choices {
        for file in choice.files {
          try writer.add(file: file.place, having: (file.size, file.sha256), as: file.path, of: choice.kind)
        }
      }
    }
    let kinds = choices.map(\.kind)
    var report = ExchangeSendReport.Parcel(site: site, folders: choices.map(\.folder.name))
    report.files = choices.clampedSum { $0.files.count }
    if options.dryRun {
      let preview = try outbox.preview(carrying: kinds, fill)
      (report.number, report.contents) = (preview.number, preview.contents)
      return report
    }
    // Where no stick is mounted, nothing is made.
    let medium = try options.output.map(outbox.medium)
    let parcel = try outbox.make(carrying: kinds, fill)
    (report.number, report.contents) = (parcel.number, parcel.contents)
    let reference = try outbox.files.kept(parcel.number).reference
    for choice in choices {
      var ledger = try ExchangeLedger(side.store, choice.folder.name, to: site)
      try ledger.note(choice.files, in: reference, answering: choice.lists)
    }
    if let medium {
      report.folder = try outbox.send([parcel.number], to: medium, readBack: options.readBack).first?.folder
    }
    return report
  }
}

/// What was sent, or would be.
package struct ExchangeSendReport: Sendable, Encodable {
  /// A parcel, or a delivery for a site.
  package struct Parcel: Sendable, Encodable {
    /// The site that it is for; `nil`: for the connected side.
    package let site: String?
    /// The exchange folders whose files it carries.
    package let folders: [String]
    /// How many files.
    package internal(set) var files = 0
    /// Its number.
    package internal(set) var number: Int64 = 0
    /// The list of what it holds.
    package internal(set) var contents = ""
    /// Its folder on the medium, if it was written to one.
    package internal(set) var folder: String?

    init(site: String?, folders: [String]) {
      self.site = site
      self.folders = folders
    }
  }

  /// Whether nothing was made or removed.
  package let dryRun: Bool
  /// What was made.
  package internal(set) var parcels: [Parcel] = []
  /// Files that were removed, since the other side has them.
  package internal(set) var cleared: [String] = []
  /// How a command ends that has done this.
  package internal(set) var status = ExitStatus.success

  private enum CodingKeys: String, CodingKey { case dryRun, parcels, cleared }

  init(dryRun: Bool) { self.dryRun = dryRun }
}
