import Foundation

/// Reads from an update tree what a server lists of it once it has fetched it.
enum UpdateRepository {
  /// The components that a tree's primary indexes in tables name.
  static func read(_ folder: String) -> [Fixture.UpdateFile] {
    // A component's index in a table of a primary one: component, folder, name and date.
    let row =
      /(?<component>[A-Z0-9]+)\|\.\.\/[^|\r\n]+\|(?<name>[^|\r\n]+)\|(?<day>\d{2})(?<month>\d{2})(?<year>\d{4}) (?<hour>\d{2})(?<minute>\d{2})/
    return ["index/u1313g.xml", "index/u1901g.xml"].flatMap { index -> [Fixture.UpdateFile] in
      guard let data = FileManager.default.contents(atPath: "\(folder)/\(index)") else { return [] }
      return String(decoding: data, as: UTF8.self).matches(of: row).map { match in
        let found = match.output
        return Fixture.UpdateFile(
          index: index,
          component: String(found.component),
          name: String(found.name),
          date: "\(found.year)-\(found.month)-\(found.day)T\(found.hour):\(found.minute):00Z",
          size: 1
        )
      }
    }
  }
}
