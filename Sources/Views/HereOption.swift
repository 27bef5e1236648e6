import ArgumentParser
import JobCore
import MirrorTypes

/// Whether a folder is meant as it is, whether a stick is mounted there or not.
package struct HereOption: ParsableArguments {
  @Flag(help: "Write to the folder even if no stick is mounted there.")
  package var here = false

  package init() {}

  /// What a job has at hand, as the flag says.
  package func here(_ context: JobContext) -> JobContext {
    var context = context
    if here { context.configuration.parcels.mount = .never }
    return context
  }
}
