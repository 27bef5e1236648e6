import FileSystem
import JobCore
import Sites
import StrictJSON
import SystemPackage
import Trust

/// What this site's own Administration Server told when it was last asked: `receipts/demand.json` of the store. Every
/// receipt that is written carries it.
package struct OwnDemand {
  private let folders: StoreFolders

  package init(_ folders: StoreFolders) { self.folders = folders }

  /// The file.
  package var file: FilePath { state.path }

  private var state: StateFile {
    StateFile(
      folders.receipts.appending("demand.json"),
      kind: "kscmirror demand",
      what: "what the Administration Server told",
      remedy: "Ask it again with 'kscmirror demand ask'.",
      maximumSize: Receipt.maximumSize,
      wasUnmarked: true
    )
  }

  /// Reads it; `nil` where the server was not asked yet.
  ///
  /// - Throws: an error with ``ExitStatus/badStore`` for a file that is damaged.
  package func read() throws -> ReportedDemand? {
    try state.read { object in try? ReportedDemand(ReceiptFields(object: object, place: file.string)) }
  }

  /// Keeps it. The caller has the store's folder.
  func write(_ demand: ReportedDemand) throws {
    try Files.makeFolder(folders.receipts, permissions: StoreFolders.shared)
    try state.write(demand.object)
  }
}
