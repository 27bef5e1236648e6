import ContentStore
import Failures
import FileSystem
import JobCore
import MirrorConfiguration
import MirrorTypes
import ServerJobs
import StoreTrust
import SystemPackage
import Watching

/// Checks an installation, on either side. Nothing is changed, but for a file that is made and removed again to see
/// whether that works.
package struct DoctorJob: Sendable {
  /// What a person chooses for one run.
  package struct Options: Sendable {
    /// Whether servers are asked.
    package var isOnline: Bool
    /// The folders for third-party patches whose settings are reported; empty: none.
    package var patchFolders: [PatchFolders]

    /// A choice.
    package init(isOnline: Bool = false, patchFolders: [PatchFolders] = []) {
      self.isOnline = isOnline
      self.patchFolders = patchFolders
    }
  }

  private let patient: Patient
  private let options: Options

  /// A job.
  ///
  /// - Parameters:
  ///   - context: with the configuration where it can be read, and else the defaults.
  ///   - reading: what came of reading the configuration; `nil` inside where there is none.
  ///   - options: what a person chooses for this run.
  package init(
    _ context: JobContext,
    reading: Result<Configuration?, JobError>,
    options: Options = Options()
  ) {
    patient = Patient(context, reading: reading)
    self.options = options
  }

  /// Checks all points. What does not work is a finding, and no error.
  package func run() async -> DoctorReport {
    var findings: [Finding] = []
    for check in checks { findings += await check.findings(in: patient) }
    return DoctorReport(store: patient.folder.string, side: patient.side.word, findings: findings)
  }

  /// The checks, in their order. A new one is a type of its own and a line here.
  private var checks: [any DoctorCheck] {
    var checks: [any DoctorCheck] = [
      ConfigurationCheck(), StoreCheck(), StorePlaceCheck(), HoldersCheck(), ReadersCheck(), KeysCheck(), TrustCheck(),
      ClockCheck(),
      FreshnessCheck(),
      UnfinishedCheck(), LeftoversCheck(), SticksCheck(), ConfinementCheck(), DemandCheck(), WebServerCheck(),
    ]
    if options.isOnline { checks += [SourcesCheck(), AdministrationServerCheck()] as [any DoctorCheck] }
    checks += (options.patchFolders + patient.patchFolders).map { PatchFoldersCheck($0) }
    return checks
  }
}

/// Looks at one group of points.
protocol DoctorCheck: Sendable {
  /// What is found. It throws nothing: what goes wrong is a finding.
  func findings(in patient: Patient) async -> [Finding]
}

/// The installation that is looked at.
struct Patient: Sendable, InContext {
  let context: JobContext
  /// The store, if it can be opened.
  let store: ContentStore?
  /// Why it cannot.
  let storeFailure: JobError?
  /// The configuration, if there is one that can be read.
  let configuration: Configuration?
  /// Why it cannot be read.
  let configurationFailure: JobError?
  /// The time by this host's clock.
  let now: UTCTime
  /// Which side it is.
  let side: StoreSide

  /// Whether it fetches: it has sources or keys.
  var isConnected: Bool { side.isConnected }
  /// Whether the store signs bundles.
  var isSigning: Bool { side.isSigning }
  /// Whether the store takes bundles.
  var isTrusting: Bool { side.isTrusting }

  /// From when on something is old.
  var settings: WatchSettings { configuration?.watch ?? WatchSettings() }
  /// From when on databases are old.
  var ages: AgeLimits { settings.ages }

  /// The folders for third-party patches that the configuration has.
  var patchFolders: [PatchFolders] {
    let folders = configuration?.exchange.filter { $0.preset == .vapm } ?? []
    guard let lists = folders.first(where: { $0.direction == .out }),
      let patches = folders.first(where: { $0.direction == .in })
    else { return [] }
    let isSite = configuration?.site != nil && !isSigning
    return [
      PatchFolders(side: isSite ? .isolated : .connected, requirements: lists.folder, patches: patches.folder)
    ]
  }

  init(_ context: JobContext, reading: Result<Configuration?, JobError>) {
    self.context = context
    now = context.clock.now
    let folders = context.folders
    switch reading {
    case .success(let read): (configuration, configurationFailure) = (read, nil)
    case .failure(let error): (configuration, configurationFailure) = (nil, error)
    }
    do {
      (store, storeFailure) = (try ContentStore.open(folders.root, access: .reading), nil)
    } catch {
      (store, storeFailure) = (nil, JobError(error))
    }
    side = StoreSide(folders, hasSources: configuration?.sources.isEmpty == false)
  }

  /// What a part of a check finds; what it throws is a finding too.
  func found(_ name: String, _ body: () throws -> [Finding]) -> [Finding] {
    do { return try body() } catch { return [.error(name, JobError(error))] }
  }
}

/// What `doctor` has found.
package struct DoctorReport: Sendable, Encodable {
  /// The store's folder.
  package let store: String
  /// Which side it is: `connected`, `isolated`, `both`.
  package let side: String
  /// What was found, point by point.
  package let findings: [Finding]

  /// How many findings are of a severity.
  package func count(_ severity: Finding.Severity) -> Int { findings.count { $0.severity == severity } }

  /// Tells what is not all right.
  package func tellTrouble(_ reporter: any JobReporter) {
    for finding in findings {
      let text = finding.remedy.map { "\(finding.text). \($0)" } ?? finding.text
      switch finding.severity {
      case .ok: continue
      case .warning: reporter.warning(finding.name, text)
      case .error: reporter.error(finding.name, text)
      }
    }
  }

  /// How a command ends that has found this.
  package var status: ExitStatus {
    if count(.error) > 0 { return .doctorError }
    return count(.warning) > 0 ? .doctorWarning : .success
  }
}
