import Catalogue
import ContentStore
import JobCore
import Journal

extension AuditNote {
  /// An export, or its beginning.
  static func export(_ text: String, _ release: Release, _ place: ExportPlace, written: Int? = nil) -> AuditNote {
    var facts: [String: JournalValue] = [
      "release": .integer(Int64(release.number)), "folder": .string(place.path.string),
    ]
    if let written { facts["written"] = .integer(Int64(written)) }
    return AuditNote(.export, text, facts)
  }
}
