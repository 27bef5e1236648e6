import Console
import Glibc
import Importing
import MirrorTypes
import SystemPackage

/// Chooses the medium to import from where none was named.
package enum MediumChoice {
  /// The medium that has bundles; of several, the one that a person chooses.
  ///
  /// - Parameter onlyOne: called with the place of the medium that is taken without a question.
  /// - Throws: an error that lists them where there is nobody to ask.
  package static func choose(_ output: OutputOptions, onlyOne: (FilePath) -> Void) throws -> FilePath {
    switch try MediaSearch().run() {
    case .one(let medium):
      onlyOne(medium.place)
      return medium.place
    case .several(let media):
      guard !output.json, isatty(STDIN_FILENO) == 1 else { throw MediaSearch.ambiguity(media) }
      for (index, medium) in media.enumerated() {
        Console.errorLine("  \(index + 1)  \(medium.place): \(Words.list(medium.bundles, atMost: 3))")
      }
      Console.prompt("Import from which one? [1-\(media.count)] ")
      guard let number = readLine(strippingNewline: true).flatMap({ Int($0) }), media.indices.contains(number - 1)
      else { throw MediaSearch.ambiguity(media) }
      return media[number - 1].place
    }
  }
}
