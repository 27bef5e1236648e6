import ArgumentParser
import Languages
import LicenceReports
import MirrorTypes

/// Who reads a table of licences.
struct CSVOption: ParsableArguments {
  /// A spreadsheet that needs another form than the standard's.
  enum Reader: String, CaseIterable {
    case excel
  }

  @Option(
    help: ArgumentHelp(
      "Write the table as this program takes it: excel (semicolons, a mark of UTF-8, words of --language).",
      valueName: "program"
    ),
    completion: .list(Reader.allCases.map(\.rawValue)),
    transform: Self.reader
  )
  var csvFor: Reader?

  /// The form of the table.
  func form(in language: Language) -> CSVForm {
    switch csvFor {
    case .excel: .excel(language)
    case nil: .standard
    }
  }

  private static func reader(_ name: String) throws -> Reader {
    guard let reader = Reader(rawValue: name.lowercased()) else {
      let meant = NearestName.of(name, among: Reader.allCases.map(\.rawValue)).map { "; did you mean '\($0)'?" }
      throw ValidationError("--csv-for has to be 'excel', not '\(name)'\(meant ?? "")")
    }
    return reader
  }
}
