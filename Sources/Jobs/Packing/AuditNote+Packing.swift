import JobCore
import Journal
import StoreTrust
import SystemPackage
import Trust

extension AuditNote {
  /// A bundle was written.
  static func pack(_ bundle: WrittenBundle, to folder: FilePath) -> AuditNote {
    AuditNote(
      .pack,
      "snapshot \(bundle.snapshot.number) was packed to \(folder)\(bundle.facts.site.map { " for site \($0)" } ?? "")",
      [
        "bundle": .string(bundle.name), "snapshot": .integer(Int64(bundle.snapshot.number)),
        "version": .integer(Int64(bundle.header.version)), "volumes": .integer(Int64(bundle.volumes.count)),
      ]
    )
  }
}
