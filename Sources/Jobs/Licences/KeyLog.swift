import FileSystem
import Glibc
import JobCore
import MirrorTypes
import SiteDocuments
import StrictJSON
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
    case installed(serial: String, time: UTCTime)
  }

  private var log: StateLog
  private var steps: [Digest256: Step] = [:]

  /// Reads the log of a store. What a killed run has not finished writing is skipped.
  ///
  /// - Throws: an error with ``ExitStatus/badStore`` when it is damaged elsewhere.
  init(_ store: FilePath) throws {
    log = StateLog(
      LicenceShelf.root(store).appending(".installed"),
      kind: "kscmirror key",
      what: "what is known of installed keys",
      remedy: "Put it back from a backup, or remove it: keys that were installed would be offered again then.",
      maximumSize: 64 << 20
    )
    var steps: [Digest256: Step] = [:]
    try log.read { object in
      guard let (digest, step) = Self.read(object) else { return false }
      steps[digest] = step
      return true
    }
    self.steps = steps
  }

  /// What was done last with a key; `nil`: nothing.
  func step(_ digest: Digest256) -> Step? { steps[digest] }

  /// Notes a step, and waits until it is on the disk.
  mutating func append(_ step: Step, _ digest: Digest256) throws {
    let before = steps
    steps[digest] = step
    // Serial numbers of a server's keys are many, and of interest for one moment: the file is written anew.
    let isLong = before.values.contains { if case .begun = $0 { true } else { false } }
    if isLong { return try log.rewrite(allLines()) }
    try log.append(Self.line(step, digest), orRewrite: allLines)
  }

  private func allLines() -> [JSONObject] {
    steps.sorted { $0.key.hex < $1.key.hex }.map { Self.line($0.value, $0.key) }
  }

  private static func line(_ step: Step, _ digest: Digest256) -> JSONObject {
    var object: JSONObject = ["sha256": .string(digest.hex)]
    switch step {
    case .begun(let before): object["before"] = .array(before.sorted().map { .string($0) })
    case .installed(let serial, let time):
      object["serial"] = .string(serial)
      object["time"] = .string(time.text)
    }
    return object
  }

  private static func read(_ object: JSONObject) -> (Digest256, Step)? {
    guard let digest = object["sha256"]?.string.flatMap({ Digest256(hex: $0) }) else { return nil }
    if let before = object["before"]?.array {
      let serials = before.compactMap(\.string)
      return serials.count == before.count ? (digest, .begun(before: Set(serials))) : nil
    }
    guard let serial = object["serial"]?.string, let time = object["time"]?.string.flatMap(UTCTime.init(_:)) else {
      return nil
    }
    return (digest, .installed(serial: serial, time: time))
  }
}
