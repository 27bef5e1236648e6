import FoundationEssentials

/// What a snapshot notes of its sources, as JSON.
package struct SnapshotNotes: Codable, Sendable {
  /// The notes by source.
  package var sources: [String: SourceNotes]
  /// What it was made of, if it is a smaller selection that fits a stick.
  package var selection: Selection?

  /// A selection of another snapshot.
  package struct Selection: Codable, Sendable, Hashable {
    /// The snapshot that it was made of.
    package let of: Int
    /// The components that were left behind, sorted.
    package let left: [String]
    /// What it was made for, if for a site and its report; nothing in it names the site.
    package var wanted: Wanted?

    package init(of: Int, left: [String], wanted: Wanted? = nil) {
      self.of = of
      self.left = left
      self.wanted = wanted
    }
  }

  package init(sources: [String: SourceNotes]) { self.sources = sources }

  /// Reads what ``text`` wrote; `nil` for anything else.
  package init?(_ text: String) {
    guard let notes = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)) else { return nil }
    self = notes
  }

  /// The notes as a text: the same notes are the same text.
  package var text: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }
}

extension SnapshotNotes.Selection {
  /// What a selection was made for.
  package struct Wanted: Codable, Sendable, Hashable {
    /// Patterns of applications, by source.
    package let applications: [String: [String]]
    /// Components, by source; empty: all.
    package let components: [String: [String]]

    package init(applications: [String: [String]], components: [String: [String]]) {
      self.applications = applications
      self.components = components
    }
  }
}
