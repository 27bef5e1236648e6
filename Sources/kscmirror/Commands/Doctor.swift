import ArgumentParser
import Console
import JobCore
import MirrorConfiguration
import MirrorTypes
import SystemPackage
import Upkeep
import Views

/// `kscmirror doctor`
struct Doctor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check this installation, and say what to do about what is wrong.",
    discussion: """
      Works on either side. Nothing is changed. Ends with 115 when somebody should look at something, and with 116 when \
      something does not work. For Nagios and other plugins of monitoring there is 'kscmirror check': one line, and \
      0 to 3.

        kscmirror doctor
        kscmirror doctor --online --quiet
        kscmirror doctor --flows --topology isolated
        kscmirror doctor --patches isolated --requirements lists --patch-folder files
      """
  )

  @Flag(help: "Ask the servers of the sources and the Administration Server too.")
  var online = false

  @Flag(
    help: "Show the flows of an Administration Server: which ports listen here, who uses them, what replaces them."
  )
  var flows = false

  @Option(
    help: ArgumentHelp(
      "With --flows, where the server stands: isolated, dmz or internet (default: by the side).",
      valueName: "topology"
    )
  )
  var topology: Flow.Topology?

  @Option(
    help: ArgumentHelp(
      "Show the settings for the folders of third-party patches on this server: isolated or connected.",
      valueName: "side"
    )
  )
  var patches: PatchFolders.Side?

  @Option(
    help: ArgumentHelp("With --patches, the folder of the lists of required updates.", valueName: "folder"),
    completion: .directory
  )
  var requirements: String?

  @Option(help: ArgumentHelp("With --patches, the folder of the patches.", valueName: "folder"), completion: .directory)
  var patchFolder: String?

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard topology == nil || flows else { throw ValidationError("--topology goes with --flows.") }
    let isComplete = requirements != nil && patchFolder != nil
    let isEmpty = requirements == nil && patchFolder == nil
    guard patches == nil ? isEmpty : isComplete else {
      throw ValidationError("--patches, --requirements and --patch-folder go together.")
    }
    for folder in [requirements, patchFolder] {
      if let folder, !folder.hasPrefix("/") { throw ValidationError("'\(folder)' has to be a whole path, from / on.") }
    }
  }

  func run() async throws {
    if flows {
      return try await perform("doctor", output, options, .settings) { context in
        try await FlowsJob(context, topology: topology, isOnline: online).run()
      } show: { report in
        FlowsView.show(report)
      }
    }
    try await perform("doctor", output) { plain in
      let reading = reading
      let configuration = ((try? reading.get()) ?? nil) ?? plain.configuration
      let report = await DoctorJob(
        options.context(configuration, plain.reporter),
        reading: reading,
        options: .init(isOnline: online, patchFolders: patchFolders)
      ).run()
      // Who wants to hear of trouble alone hears of it all the same.
      if output.quiet { report.tellTrouble(plain.reporter) }
      return report
    } status: { report in
      report.status
    } show: { report in
      DoctorView.show(report)
    }
  }

  /// A configuration that cannot be read is a finding.
  private var reading: Result<Configuration?, JobError> {
    do throws(ConfigurationError) {
      return .success(try options.optionalConfiguration())
    } catch {
      return .failure(JobError(error))
    }
  }

  private var patchFolders: [PatchFolders] {
    guard let patches, let requirements, let patchFolder else { return [] }
    return [PatchFolders(side: patches, requirements: FilePath(requirements), patches: FilePath(patchFolder))]
  }
}

extension PatchFolders.Side: ExpressibleByArgument {}
extension Flow.Topology: ExpressibleByArgument {}

/// Findings as people read them.
enum DoctorView {
  static func show(_ report: DoctorReport) {
    Console.line("the \(report.side) side, store \(report.store)")
    for finding in report.findings {
      Console.line("\(mark(finding.severity)) \(finding.text)", hanging: 8)
      if let remedy = finding.remedy { Console.line("        \(remedy)", hanging: 8) }
      for line in finding.lines { Console.line("        \(line)") }
    }
    let (errors, warnings) = (report.count(.error), report.count(.warning))
    Console.line(
      errors + warnings == 0
        ? "all is well" : "\(Words.count(errors, "error")), \(Words.count(warnings, "warning"))"
    )
  }

  private static func mark(_ severity: Finding.Severity) -> String {
    switch severity {
    case .ok: "ok     "
    case .warning: "warning"
    case .error: "ERROR  "
    }
  }
}
