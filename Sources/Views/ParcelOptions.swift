import ArgumentParser
import JobCore
import SystemPackage

/// Where a parcel is written to.
package struct ParcelOutputOptions: ParsableArguments {
  @Option(
    name: [.customLong("output"), .customShort("o")],
    help: ArgumentHelp("Write the parcel to this stick (default: keep it in the store).", valueName: "folder"),
    completion: .directory
  )
  package var output: String?

  @Flag(help: "Do not read back what was written.")
  package var noReadBack = false

  @OptionGroup package var place: HereOption
  @OptionGroup package var wording: LanguageOption

  package init() {}

  /// The stick's folder.
  package var folder: FilePath? { output.map { FilePath($0) } }

  /// What a job has at hand, as the options say.
  package func settled(_ context: JobContext) -> JobContext { wording.spoken(place.here(context)) }
}

/// Where a delivery is written to.
package struct DeliveryOutputOptions: ParsableArguments {
  @Option(
    name: [.customLong("output"), .customShort("o")],
    help: ArgumentHelp(
      "Write the delivery to this stick now (default: it waits for 'pack --site').",
      valueName: "folder"
    ),
    completion: .directory
  )
  package var output: String?

  @Flag(help: "Do not read back what was written.")
  package var noReadBack = false

  @OptionGroup package var place: HereOption
  @OptionGroup package var wording: LanguageOption

  package init() {}

  /// The stick's folder.
  package var folder: FilePath? { output.map { FilePath($0) } }

  /// What a job has at hand, as the options say.
  package func settled(_ context: JobContext) -> JobContext { wording.spoken(place.here(context)) }
}
