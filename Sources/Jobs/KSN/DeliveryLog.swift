import FileSystem
import JobCore
import MirrorTypes
import SiteDocuments
import SystemPackage
import Trust

/// What has become of a site's bodies of statistics: a line for each step of each, on the disk before the next step.
///
/// That a body is about to be handed over stands there before it is, and that it was behind that. A body whose last line
/// is an intent was under way when a run was killed: nobody here can know whether KSN has it.
struct DeliveryLog {
  /// A step.
  enum Step: String {
    /// It is about to be handed over.
    case intent
    /// It was handed over.
    case done
    /// The server has not taken it.
    case refused
  }

  private static let kind = "kscmirror delivery"
  private static let maximumSize = 64 << 20
  /// From how many lines on the file is written anew, with one line for a body.
  private static let maximumLines = 20_000

  private let file: FilePath
  private var steps: [SentStatistics.Body: Step] = [:]
  private var lines = 0

  /// Reads the file of a site. What a killed run has not finished writing is skipped.
  ///
  /// - Throws: an error with ``ExitStatus/badStore`` when it is damaged elsewhere.
  init(_ file: FilePath) throws {
    self.file = file
    guard try Files.status(file) != nil else { return }
    let bytes = try Files.read(file, atMost: Self.maximumSize)
    let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { bytes[...$0] } ?? []
    for line in whole.split(separator: UInt8(ascii: "\n")) {
      guard let (body, step) = Self.read(Array(line)) else { throw damaged }
      steps[body] = step
      lines += 1
    }
    isTorn = whole.count < bytes.count
  }

  /// Whether the file ends in a part of a line.
  private var isTorn = false

  /// What was done last with a body; `nil`: nothing.
  func step(_ body: SentStatistics.Body) -> Step? { steps[body] }

  /// Notes a step, and waits until it is on the disk.
  mutating func append(_ step: Step, _ body: SentStatistics.Body) throws {
    if isTorn || lines >= max(Self.maximumLines, 4 * steps.count) { try rewrite() }
    let line = Self.line(step, body)
    let isNew = try Files.status(file) == nil
    var output = try OutputFile(file, permissions: 0o600, append: true)
    try output.write(line)
    try output.sync()
    try output.close()
    if isNew { try Files.syncFolder(file.removingLastComponent()) }
    steps[body] = step
    lines += 1
  }

  private mutating func rewrite() throws {
    let ordered = steps.sorted { ($0.key.name, $0.key.digest.hex) < ($1.key.name, $1.key.digest.hex) }
    let bytes = ordered.flatMap { Self.line($0.value, $0.key) }
    try Files.replace(file, with: bytes, permissions: 0o600)
    lines = steps.count
    isTorn = false
  }

  private static func line(_ step: Step, _ body: SentStatistics.Body) -> [UInt8] {
    let object: JSONObject = [
      "kind": .string(kind), "name": .string(body.name), "sha256": .string(body.digest.hex),
      "step": .string(step.rawValue), "time": .string(MetadataTime.text(WallClock.seconds)),
    ]
    return JSONValue.object(object).serialized + [UInt8(ascii: "\n")]
  }

  private static func read(_ line: [UInt8]) -> (SentStatistics.Body, Step)? {
    guard let object = (try? JSONValue(parsing: line))?.object, object["kind"]?.string == kind,
      let name = object["name"]?.string, StatisticsName.isSound(name),
      let digest = object["sha256"]?.string.flatMap({ Digest256(hex: $0) }),
      let step = object["step"]?.string.flatMap(Step.init)
    else { return nil }
    return (SentStatistics.Body(name, digest), step)
  }

  private var damaged: JobError {
    JobError(
      .badStore,
      "\(file): what is known of delivered statistics is damaged",
      remedy: "Put it back from a backup, or remove it: bodies that were delivered would then be delivered again."
    )
  }
}
