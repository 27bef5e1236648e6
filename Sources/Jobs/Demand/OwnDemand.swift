import FileSystem
import JobCore
import Sites
import SystemPackage
import Trust

/// What this site's own Administration Server told when it was last asked: `receipts/demand.json` of the store. Every
/// receipt that is written carries it.
package struct OwnDemand {
  private let folders: StoreFolders

  package init(_ folders: StoreFolders) { self.folders = folders }

  /// The file.
  package var file: FilePath { folders.receipts.appending("demand.json") }

  /// Reads it; `nil` where the server was not asked yet.
  ///
  /// - Throws: an error with ``ExitStatus/badStore`` for a file that is damaged.
  package func read() throws -> ReportedDemand? {
    guard try Files.status(file) != nil else { return nil }
    let bytes = try Files.read(file, atMost: Receipt.maximumSize)
    do {
      guard let object = (try JSONValue(parsing: bytes)).object else { throw damaged }
      return try ReportedDemand(ReceiptFields(object: object, place: file.string))
    } catch {
      throw damaged
    }
  }

  /// Keeps it. The caller has the store's folder.
  func write(_ demand: ReportedDemand) throws {
    try Files.makeFolder(folders.receipts)
    try Files.replace(file, with: JSONValue.object(demand.object).serialized + [UInt8(ascii: "\n")])
  }

  private var damaged: JobError {
    JobError(
      .badStore,
      "\(file): what the Administration Server reported is damaged",
      remedy: "Ask it again with 'kscmirror demand ask'."
    )
  }
}
