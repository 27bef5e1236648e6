import ArgumentParser
import Console
import Glibc
import JobCore
import MirrorTypes
import Packing
import SystemPackage

/// The options of `kscmirror pack` for a bundle on several sticks.
struct SpreadOptions: ParsableArguments {
  @Flag(help: "Spread the bundle over several sticks, one by one.")
  var spread = false

  @Flag(name: .customLong("continue"), help: "Go on with the next stick of the bundle that is being spread.")
  var goesOn = false

  @Flag(help: "Give up the bundle that is being spread; sticks stay as they are.")
  var abandon = false

  @Option(
    help: ArgumentHelp("The most bytes of one stick (default: what is free).", valueName: "size"),
    transform: Size.read
  )
  var stickSize: Int64?

  func validate() throws {
    if [spread, goesOn, abandon].count(where: { $0 }) > 1 {
      throw ValidationError("--spread, --continue and --abandon exclude each other.")
    }
    if stickSize != nil && !spread && !goesOn {
      throw ValidationError("--stick-size goes with --spread or --continue.")
    }
  }

  /// Whether any of them was given.
  var isWanted: Bool { spread || goesOn || abandon }

  /// Does what the options say.
  ///
  /// - Parameter pack: writes the bundle to a folder.
  func run(
    _ context: JobContext,
    folder: FilePath?,
    overwrite: Bool,
    readBack: Bool,
    mount: MountRule,
    asks: Bool,
    pack: (FilePath) async throws -> PackReport
  ) async throws -> SpreadReport {
    let isTerminal = asks && isatty(STDIN_FILENO) == 1
    let job = SpreadJob(
      context,
      output: folder,
      options: .init(stickSize: stickSize, overwrite: overwrite, readBack: readBack, mount: mount),
      prompt: isTerminal ? Self.ask : nil
    )
    if abandon { return try job.abandon() }
    return goesOn ? try job.resume() : try await job.begin(pack)
  }

  private static let ask: SpreadJob.Prompt = { text in
    Console.errorLine("")
    Console.prompt(text)
    guard let line = readLine(strippingNewline: true), !["q", "Q"].contains(line) else { return nil }
    return line
  }

  func show(_ report: SpreadReport) {
    if abandon {
      Console.line(report.bundle.map { "\($0) is no longer being spread" } ?? "no bundle was being spread")
      return
    }
    for stick in report.sticks {
      Console.line("wrote stick \(stick.number) in \(stick.folder): \(Words.bytes(stick.bytes))")
      for file in stick.files { Console.line("  \(file)") }
      Console.line("Written to \(stick.medium.text). \(stick.medium.advice)")
    }
    guard !report.isComplete else { return Console.line("all of \(report.bundle ?? "") lies on sticks now") }
    let count = report.estimate > 0 ? ", of about \(Words.count(report.estimate, "stick")) in all" : ""
    Console.line("\(Words.bytes(report.leftBytes)) are left\(count); put in the next stick, then run:")
    Console.line("  kscmirror pack --continue --output \(report.next ?? "")")
  }
}
