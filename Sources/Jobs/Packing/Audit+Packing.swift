import JobCore
import Journal
import StoreTrust
import SystemPackage
import Trust

extension Audit {
  /// Notes a bundle that was written.
  func notePack(_ bundle: WrittenBundle, to folder: FilePath, _ reporter: any JobReporter) throws {
    let position = try append(
      .pack,
      .ok,
      "snapshot \(bundle.snapshot.number) was packed to \(folder)\(bundle.facts.site.map { " for site \($0)" } ?? "")",
      [
        "bundle": .string(bundle.name), "snapshot": .integer(Int64(bundle.snapshot.number)),
        "version": .integer(Int64(bundle.header.version)), "volumes": .integer(Int64(bundle.volumes.count)),
      ]
    )
    reporter.information("journal", "journal: \(position)")
  }
}
