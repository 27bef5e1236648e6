import ArgumentParser
import Console
import MirrorTypes
import Upkeep
import Views

/// `kscmirror diff`
struct Diff: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what changed from one snapshot to another, by component.",
    discussion: """
        kscmirror diff 41 42
        kscmirror diff 41 42 --files
      """
  )

  @Argument(help: "The snapshot to begin with.", completion: .snapshots)
  var from: Int

  @Argument(help: "The snapshot to end with.", completion: .snapshots)
  var to: Int

  @Flag(help: "List every file.")
  var files = false

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    try await perform("diff", output, options) { context in
      try DiffJob(context, from: from, to: to, listsFiles: files || output.json).run()
    } show: { report in
      var rows = [["component", "added", "changed", "removed", "size"]]
      rows += report.components.map { component in
        [
          component.name.isEmpty ? "-" : component.name, Words.count(component.added), Words.count(component.changed),
          Words.count(component.removed), (component.bytes > 0 ? "+" : "") + Words.bytes(component.bytes),
        ]
      }
      if files {
        for file in report.files { Console.line("\(file.change.sign) \(file.path)") }
        Console.line()
      }
      if report.components.isEmpty {
        Console.line("snapshots \(from) and \(to) are equal")
      } else {
        Console.lines(Console.table(rows, rightAligned: [1, 2, 3, 4], below: [1, 2, 3]))
      }
    }
  }
}
