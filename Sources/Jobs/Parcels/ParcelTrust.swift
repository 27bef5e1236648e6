import FileSystem
import JobCore
import MirrorTypes
import StoreTrust
import StrictJSON
import SystemPackage
import Trust

/// What a site keeps in `trust/` of what bundles have told it about parcels: the key that they are sealed to, and which
/// of them have arrived. The word of the newest metadata counts.
package struct ParcelTrust: InContext {
  package let context: JobContext

  /// The names of the files that another root says nothing about.
  package static let files = ["sealing.json", "answer.json"]

  private var keyFile: StateFile { file(Self.files[0], kind: "kscmirror sealing key") }
  private var answerFile: StateFile { file(Self.files[1], kind: "kscmirror answer") }
  private func file(_ name: String, kind: String) -> StateFile {
    StateFile(
      place.appending(name),
      kind: kind,
      remedy: "Remove it; the next bundle brings it again.",
      maximumSize: 1 << 20
    )
  }

  /// How many parcels are remembered that have arrived.
  private static let maximumArrived = 1000

  package init(_ context: JobContext) { self.context = context }

  private var place: FilePath { folders.trust }

  // MARK: - What bundles tell

  /// Keeps what a bundle tells, all of which was verified.
  ///
  /// - Parameter version: that of its metadata.
  package func note(_ facts: BundleFacts, version: Int64) throws {
    if let key = facts.sealingKey, try version >= self.version(of: keyFile) {
      try keyFile.write(["version": .integer(version), "key": .object(key.object)])
    }
    guard let answer = facts.answer, let site = facts.site,
      try version >= self.version(of: answerFile)
    else { return }
    try keep(answer, of: site, version: version)
  }

  private func keep(_ answer: ParcelAnswer, of site: String, version: Int64) throws {
    var arrived = try intact { try self.answer(for: site) }?.arrived ?? [:]
    for parcel in answer.taken where arrived[parcel] == nil { arrived[parcel] = clock.now }
    let newest = arrived.sorted { $0.key.number < $1.key.number }.suffix(Self.maximumArrived)
    var object = answer.object
    object["version"] = .integer(version)
    object["site"] = .string(site)
    object["taken"] = nil
    object["arrived"] = .array(
      newest.map { parcel, time in
        .object([
          "number": .integer(parcel.number), "sha256": .string(parcel.digest.hex),
          "time": .string(time.text),
        ])
      }
    )
    try answerFile.write(object)
  }

  private func version(of file: StateFile) throws -> Int64 {
    try file.readIfIntact()?["version"]?.integer ?? 0
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
    /// The parcels that have, and when that was learnt here.
    var arrived: [ParcelHeader.Previous: UTCTime]
  }

  /// The key that parcels are sealed to.
  ///
  /// - Throws: an error with ``ExitStatus/notThere`` when no bundle has told it yet.
  func sealingKey() throws -> SealingPublicKey {
    guard let object = try keyFile.read() else {
      throw JobError(
        .notThere,
        "\(keyFile.path): no bundle has brought yet the key that parcels are sealed to",
        remedy:
          "Update kscmirror on the connected side if it is an old one, and import a bundle that it has made since."
      )
    }
    guard let key = object["key"]?.object.flatMap(SealingPublicKey.init) else { throw keyFile.damaged }
    return key
  }

  /// What was answered to a site; `nil` before the first answer.
  func answer(for site: String) throws -> Answer? {
    guard let object = try answerFile.read(), object["site"]?.string == site else { return nil }
    var fields = object
    fields["taken"] = .array([])
    let listed = object.list("arrived") { value -> (ParcelHeader.Previous, UTCTime)? in
      guard let parcel = ParcelHeader.Previous(value), let time = value["time"]?.string.flatMap(UTCTime.init(_:))
      else { return nil }
      return (parcel, time)
    }
    guard let answer = ParcelAnswer(fields), let listed else { throw answerFile.damaged }
    return Answer(highest: answer.highest, missing: answer.missing, arrived: Dictionary(listed) { _, newer in newer })
  }
}
