import ArgumentParser
import JobCore
import Languages

/// What texts for others are written in: the label of a bundle, the list of what a parcel holds, reports.
package struct LanguageOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write what other people read in this language: en, es or ru (default: the configuration's).",
      valueName: "language"
    ),
    completion: .list(Language.allCases.map(\.code)),
    transform: Self.language
  )
  package var language: Language?

  package init() {}

  /// What a job has at hand, as the option says.
  package func spoken(_ context: JobContext) -> JobContext {
    var context = context
    if let language { context.configuration.language = language }
    return context
  }

  private static func language(_ code: String) throws -> Language {
    guard let language = Language(rawValue: code) else {
      throw ValidationError("--language \(Language.refusal(of: code))")
    }
    return language
  }
}
