import FileSystem
import Glibc
import JobCore
import MirrorTypes
import SiteDocuments
import SystemPackage
import Trust

/// What has become of keys that came in deliveries: a line for each step, on the disk before the next step. No key is in
/// it, but the SHA-256 of each.
///
/// That a key is about to be installed stands there before it is, with the serial numbers that the server has then: a run
/// that is killed in between leaves a key of which the next one can find out.
struct KeyLog {
  /// What was done last with a key.
  enum Step: Equatable {
    /// It is about to be installed; the serial numbers that the server had before.
    case begun(before: Set<String>)
    /// It was installed, and the server calls it so.
    case installed(serial: String, time: Int64)
  }

  private static let kind = "kscmirror key"
  private static let maximumSize = 64 << 20

  private let file: FilePath
  private var steps: [Digest256: Step] = [:]

  /// Reads the log of a store. What a killed run has not finished writing is skipped.
  ///
  /// - Throws: an error with ``ExitStatus/badStore`` when it is damaged elsewhere.
  init(_ store: FilePath) throws {
    file = LicenceShelf.root(store).appending(".installed")
    guard try Files.status(file) != nil else { return }
    let bytes = try Files.read(file, atMost: Self.maximumSize)
    let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { bytes[...$0] } ?? []
    for line in whole.split(separator: UInt8(ascii: "\n")) {
      guard let (digest, step) = Self.read(Array(line)) else { throw damaged }
      steps[digest] = step
    }
    isTorn = whole.count < bytes.count
  }

  /// Whether the file ends in a part of a line.
  private var isTorn = false

  /// What was done last with a key; `nil`: nothing.
  func step(_ digest: Digest256) -> Step? { steps[digest] }

  /// Notes a step, and waits until it is on the disk.
  mutating func append(_ step: Step, _ digest: Digest256) throws {
    let before = steps
    steps[digest] = step
    // Serial numbers of a server's keys are many, and of interest for one moment: the file is written anew.
    let isLong = before.values.contains { if case .begun = $0 { true } else { false } }
    if isTorn || isLong { return try rewrite() }
    let line = Self.line(step, digest)
    try Files.makeFolder(file.removingLastComponent(), permissions: 0o700)
    let isNew = try Files.status(file) == nil
    var output = try OutputFile(file, permissions: 0o600, append: true)
    try output.write(line)
    try output.sync()
    try output.close()
    if isNew { try Files.syncFolder(file.removingLastComponent()) }
  }

  private mutating func rewrite() throws {
    let bytes = steps.sorted { $0.key.hex < $1.key.hex }.flatMap { Self.line($0.value, $0.key) }
    try Files.replace(file, with: bytes, permissions: 0o600)
    isTorn = false
  }

  private static func line(_ step: Step, _ digest: Digest256) -> [UInt8] {
    var object: JSONObject = ["kind": .string(kind), "sha256": .string(digest.hex)]
    switch step {
    case .begun(let before): object["before"] = .array(before.sorted().map { .string($0) })
    case .installed(let serial, let time):
      object["serial"] = .string(serial)
      object["time"] = .string(MetadataTime.text(time))
    }
    return JSONValue.object(object).serialized + [UInt8(ascii: "\n")]
  }

  private static func read(_ line: [UInt8]) -> (Digest256, Step)? {
    guard let object = (try? JSONValue(parsing: line))?.object, object["kind"]?.string == kind,
      let digest = object["sha256"]?.string.flatMap({ Digest256(hex: $0) })
    else { return nil }
    if let before = object["before"]?.array {
      let serials = before.compactMap(\.string)
      return serials.count == before.count ? (digest, .begun(before: Set(serials))) : nil
    }
    guard let serial = object["serial"]?.string, let time = object["time"]?.string.flatMap(MetadataTime.seconds) else {
      return nil
    }
    return (digest, .installed(serial: serial, time: time))
  }

  private var damaged: JobError {
    JobError(
      .badStore,
      "\(file): what is known of installed keys is damaged",
      remedy: "Put it back from a backup, or remove it: keys that were installed would be offered again then."
    )
  }
}
