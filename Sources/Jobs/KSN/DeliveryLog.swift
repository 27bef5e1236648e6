import FileSystem
import JobCore
import MirrorTypes
import SiteDocuments
import StrictJSON
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

  /// From how many lines on the file is written anew, with one line for a body.
  private static let maximumLines = 20_000

  private var log: StateLog
  private let clock: WallClock
  private var steps: [SentStatistics.Body: Step] = [:]

  /// Reads the file of a site. What a killed run has not finished writing is skipped.
  ///
  /// - Throws: an error with ``ExitStatus/badStore`` when it is damaged elsewhere.
  init(_ file: FilePath, _ clock: WallClock) throws {
    self.clock = clock
    log = StateLog(
      file,
      kind: "kscmirror delivery",
      what: "what is known of delivered statistics",
      remedy: "Put it back from a backup, or remove it: bodies that were delivered would be delivered again then.",
      maximumSize: 64 << 20
    )
    var steps: [SentStatistics.Body: Step] = [:]
    try log.read { object in
      guard let (body, step) = Self.read(object) else { return false }
      steps[body] = step
      return true
    }
    self.steps = steps
  }

  /// What was done last with a body; `nil`: nothing.
  func step(_ body: SentStatistics.Body) -> Step? { steps[body] }

  /// Notes a step, and waits until it is on the disk.
  mutating func append(_ step: Step, _ body: SentStatistics.Body) throws {
    let known = steps.count
    steps[body] = step
    if log.lines >= max(Self.maximumLines, 4 * known) { return try log.rewrite(allLines()) }
    try log.append(line(step, body), orRewrite: allLines)
  }

  private func allLines() -> [JSONObject] {
    steps.sorted { ($0.key.name, $0.key.digest.hex) < ($1.key.name, $1.key.digest.hex) }.map {
      line($0.value, $0.key)
    }
  }

  private func line(_ step: Step, _ body: SentStatistics.Body) -> JSONObject {
    [
      "name": .string(body.name), "sha256": .string(body.digest.hex), "step": .string(step.rawValue),
      "time": .string(clock.now.text),
    ]
  }

  private static func read(_ object: JSONObject) -> (SentStatistics.Body, Step)? {
    guard let name = object["name"]?.string, StatisticsName.isSound(name),
      let digest = object["sha256"]?.string.flatMap({ Digest256(hex: $0) }),
      let step = object["step"]?.string.flatMap(Step.init)
    else { return nil }
    return (SentStatistics.Body(name, digest), step)
  }
}
