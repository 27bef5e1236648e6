import FileSystem
import JobCore
import MirrorTypes
import StoreTrust
import SystemPackage
import Trust

/// What a site keeps in `trust/` of what bundles have told it about parcels: the key that they are sealed to, and which
/// of them have arrived. The word of the newest metadata counts.
package struct ParcelTrust {
  private let folder: FilePath

  /// The names of the files that another root says nothing about.
  package static let files = ["sealing.json", "answer.json"]

  private var keyFile: FilePath { folder.appending(Self.files[0]) }
  private var answerFile: FilePath { folder.appending(Self.files[1]) }

  private static let keyKind = "kscmirror sealing key"
  private static let answerKind = "kscmirror answer"
  private static let maximumSize = 1 << 20
  /// How many parcels are remembered that have arrived.
  private static let maximumArrived = 1000

  package init(_ folders: StoreFolders) { folder = folders.trust }

  // MARK: - What bundles tell

  /// Keeps what a bundle tells, all of which was verified.
  ///
  /// - Parameter version: that of its metadata.
  package func note(_ facts: BundleFacts, version: Int64) throws {
    if let key = facts.sealingKey, try version >= self.version(of: keyFile, Self.keyKind) {
      let object: JSONObject = [
        "kind": .string(Self.keyKind), "format": 1, "version": .integer(version), "key": .object(key.object),
      ]
      try write(object, to: keyFile)
    }
    guard let answer = facts.answer, let site = facts.site,
      try version >= self.version(of: answerFile, Self.answerKind)
    else { return }
    try keep(answer, of: site, version: version)
  }

  private func keep(_ answer: ParcelAnswer, of site: String, version: Int64) throws {
    var arrived = try intact { try self.answer(for: site) }?.arrived ?? [:]
    for parcel in answer.taken where arrived[parcel] == nil { arrived[parcel] = WallClock.seconds }
    let newest = arrived.sorted { $0.key.number < $1.key.number }.suffix(Self.maximumArrived)
    var object = answer.object
    object["kind"] = .string(Self.answerKind)
    object["format"] = 1
    object["version"] = .integer(version)
    object["site"] = .string(site)
    object["taken"] = nil
    object["arrived"] = .array(
      newest.map { parcel, time in
        .object([
          "number": .integer(parcel.number), "sha256": .string(parcel.digest.hex),
          "time": .string(MetadataTime.text(time)),
        ])
      }
    )
    try write(object, to: answerFile)
  }

  private func version(of path: FilePath, _ kind: String) throws -> Int64 {
    try intact { try read(path, kind) }?["version"]?.integer ?? 0
  }

  /// What is damaged keeps nothing newer out.
  private func intact<Result>(_ body: () throws -> Result?) throws -> Result? {
    do {
      return try body()
    } catch {
      guard JobError(error).status == .badStore else { throw error }
      return nil
    }
  }

  // MARK: - What is known

  /// What the connected side has said of this site's parcels.
  struct Answer {
    /// The greatest number that has come there.
    var highest: Int64
    /// The numbers that have not.
    var missing: [ClosedRange<Int64>]
    /// The parcels that have, and when that was learnt here, in seconds since 1970.
    var arrived: [ParcelHeader.Previous: Int64]
  }

  /// The key that parcels are sealed to.
  ///
  /// - Throws: an error with ``ExitStatus/notThere`` when no bundle has told it yet.
  func sealingKey() throws -> SealingPublicKey {
    guard let object = try read(keyFile, Self.keyKind) else {
      throw JobError(
        .notThere,
        "\(keyFile): no bundle has brought the key yet that parcels are sealed to",
        remedy:
          "Update kscmirror on the connected side if it is an old one, and import a bundle that it has made since."
      )
    }
    guard let key = object["key"]?.object.flatMap(SealingPublicKey.init) else { throw damaged(keyFile) }
    return key
  }

  /// What was answered to a site; `nil` before the first answer.
  func answer(for site: String) throws -> Answer? {
    guard let object = try read(answerFile, Self.answerKind), object["site"]?.string == site else { return nil }
    var fields = object
    fields["taken"] = .array([])
    guard let answer = ParcelAnswer(fields), let listed = object["arrived"]?.array else { throw damaged(answerFile) }
    var arrived: [ParcelHeader.Previous: Int64] = [:]
    for value in listed {
      guard let parcel = ParcelHeader.Previous(value),
        let time = value.object?["time"]?.string.flatMap(MetadataTime.seconds)
      else { throw damaged(answerFile) }
      arrived[parcel] = time
    }
    return Answer(highest: answer.highest, missing: answer.missing, arrived: arrived)
  }

  private func read(_ path: FilePath, _ kind: String) throws -> JSONObject? {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try Files.read(path, atMost: Self.maximumSize)
    } catch {
      if error.reason == .noSuchFileOrDirectory { return nil }
      throw error
    }
    guard let object = (try? JSONValue(parsing: bytes))?.object, object["kind"]?.string == kind,
      object["format"]?.integer == 1
    else { throw damaged(path) }
    return object
  }

  private func damaged(_ path: FilePath) -> JobError {
    JobError(.badStore, "\(path) is damaged", remedy: "Remove it; the next bundle brings it again.")
  }

  private func write(_ object: JSONObject, to path: FilePath) throws {
    try Files.replace(path, with: JSONValue.object(object).serialized + [UInt8(ascii: "\n")])
  }
}
