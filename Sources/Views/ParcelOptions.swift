import ArgumentParser
import JobCore
import SystemPackage

/// How something is written to a stick, whatever it is.
package struct StickOptions: ParsableArguments {
  @Flag(help: "Do not read back what was written.")
  package var noReadBack = false

  @OptionGroup package var place: HereOption
  @OptionGroup package var wording: LanguageOption

  package init() {}
}

/// Where something is written to that may also wait in the store.
package protocol StickOutput {
  var output: String? { get }
  var stick: StickOptions { get }
}

extension StickOutput {
  /// The stick's folder.
  package var folder: FilePath? { output.map { FilePath($0) } }

  package var noReadBack: Bool { stick.noReadBack }

  /// What a job has at hand, as the options say.
  package func settled(_ context: JobContext) -> JobContext { stick.wording.spoken(stick.place.here(context)) }
}

/// Where a parcel is written to.
package struct ParcelOutputOptions: ParsableArguments, StickOutput {
  @Option(
    name: [.customLong("output"), .customShort("o")],
    help: ArgumentHelp("Write the parcel to this stick (default: keep it in the store).", valueName: "folder"),
    completion: .directory
  )
  package var output: String?

  @OptionGroup package var stick: StickOptions

  package init() {}
}

/// Where a delivery is written to.
package struct DeliveryOutputOptions: ParsableArguments, StickOutput {
  @Option(
    name: [.customLong("output"), .customShort("o")],
    help: ArgumentHelp(
      "Write the delivery to this stick now (default: it waits for 'pack --site').",
      valueName: "folder"
    ),
    completion: .directory
  )
  package var output: String?

  @OptionGroup package var stick: StickOptions

  package init() {}
}
