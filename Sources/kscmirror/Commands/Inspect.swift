import ArgumentParser
import MirrorJobs
import SystemPackage

/// `kscmirror inspect`
struct Inspect: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell what bundles lie in a folder, without unpacking them.",
    discussion: """
        kscmirror inspect /media/stick
        kscmirror inspect --json /media/stick
      """
  )

  @OptionGroup var output: OutputOptions

  @Argument(help: "A folder with bundles, or a file of one.", completion: .file())
  var path: String

  func run() async throws {
    try await perform("inspect", output) { _ in
      try InspectJob(path: FilePath(path)).run()
    } status: { report in
      report.bundles.allSatisfy(\.isComplete) ? .success : .incompleteBundle
    } show: { report in
      for bundle in report.bundles { show(bundle) }
    }
  }

  private func show(_ bundle: InspectReport.BundleFacts) {
    Console.line("\(bundle.manifest)")
    var rows = [
      ["  snapshot", "\(bundle.snapshot)"],
      ["  kind", bundle.kind],
      ["  made", "\(Timestamp.local(bundle.created)) by \(bundle.generator)"],
      [
        "  content",
        "\(Words.count(bundle.files, "file")), \(Words.bytes(bundle.contentBytes)), \(Words.count(bundle.objects, "object"))",
      ],
    ]
    if let site = bundle.site { rows.insert(["  site", site], at: 1) }
    for part in bundle.parts {
      rows.append(["  part", "\(part.name)  \(Words.bytes(part.bytes))  \(part.state.rawValue)"])
    }
    Console.write(Console.printable(Console.table(rows)))
  }
}
