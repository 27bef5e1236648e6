import JobCore
import MirrorTypes

/// How far a job is, in one line of a terminal: what it does, a bar, the share, how fast, how long it takes still, and
/// how much of it is done. What matters least gives way where the line is short.
package struct ProgressLine {
  /// What the job does.
  let phase: String
  /// How far it is.
  let progress: JobProgress
  /// Seconds since the phase began.
  let elapsed: Double
  /// Bytes in a second; `nil`: nothing is known of that yet.
  let rate: Double?

  package init(phase: String, progress: JobProgress, elapsed: Double, rate: Double?) {
    self.phase = phase
    self.progress = progress
    self.elapsed = elapsed
    self.rate = rate
  }

  /// The line, of fewer columns than the screen has, so that the cursor stays on it.
  package func text(width: Int) -> String {
    let room = width - 1
    let core = [share(width), speed, left].compactMap { $0 }
    // What is done follows if the phase is still shown whole.
    var parts = core
    for more in [bytes, files].compactMap({ $0 }) {
      let longer = parts + [more]
      if TextColumns.width(phase) + 2 + columns(longer) <= room { parts = longer }
    }
    if parts.isEmpty { parts = [bytes ?? files ?? ""].filter { !$0.isEmpty } }
    let rest = room - columns(parts) - (parts.isEmpty ? 0 : 2)
    let shown = rest < 4 ? "" : shortened(phase, to: rest)
    return TextColumns.clipped(([shown].filter { !$0.isEmpty } + parts).joined(separator: "  "), to: room)
  }

  private func columns(_ parts: [String]) -> Int {
    parts.clampedSum { TextColumns.width($0) } + 2 * max(0, parts.count - 1)
  }

  private func shortened(_ text: String, to limit: Int) -> String {
    guard TextColumns.width(text) > limit else { return text }
    let words = TextColumns.clipped(text, to: limit - 3)
    return words.prefix(words.count - words.reversed().prefix { $0 == " " }.count) + "..."
  }

  private var fraction: Double? {
    if let total = progress.totalBytes, total > 0 { return min(1, Double(progress.bytes) / Double(total)) }
    if let files = progress.files, let total = progress.totalFiles, total > 0 {
      return min(1, Double(files) / Double(total))
    }
    return nil
  }

  private func share(_ width: Int) -> String? {
    fraction.map { fraction in
      let length = width < 70 ? 10 : 16
      let full = Int(fraction * Double(length))
      let percent = String(Int(fraction * 100))
      let padding = String(repeating: " ", count: max(0, 3 - percent.count))
      return
        "[\(String(repeating: "#", count: full))\(String(repeating: "-", count: length - full))] \(padding)\(percent)%"
    }
  }

  private var speed: String? {
    guard let rate, rate >= 1, rate < 1e15 else { return nil }
    return "\(Words.bytes(Int64(rate)))/s"
  }

  private var left: String? {
    guard let seconds = secondsLeft, seconds.isFinite, seconds < 8_640_000 else { return nil }
    return seconds < 10 ? "\(Int(seconds.rounded(.up))) s left" : "\(Words.duration(seconds)) left"
  }

  private var secondsLeft: Double? {
    if let total = progress.totalBytes {
      guard let rate, rate >= 1 else { return nil }
      return Double(max(0, total - progress.bytes)) / rate
    }
    guard let done = fraction, done > 0.01, elapsed > 0.5 else { return nil }
    return elapsed / done * (1 - done)
  }

  private var bytes: String? {
    guard let total = progress.totalBytes else { return progress.bytes > 0 ? Words.bytes(progress.bytes) : nil }
    return "\(Words.bytes(progress.bytes)) of \(Words.bytes(total))"
  }

  private var files: String? {
    progress.files.map { files in
      progress.totalFiles.map { "\(Words.count(files)) of \(Words.count($0, "file"))" } ?? Words.count(files, "file")
    }
  }
}

/// How fast bytes come, by what came lately: a stick that becomes slow is seen within half a minute.
package struct Speed {
  /// The seconds after which what was counts for about a third.
  private static let memory = 15.0

  private var time: Double
  private var bytes: Int64 = 0
  /// Bytes in a second; `nil`: nothing is known of that yet.
  package private(set) var rate: Double?

  /// A speed that is measured from a point in time on, in seconds of a clock that goes forward only.
  package init(from time: Double) { self.time = time }

  /// Takes how many bytes are done at a point in time.
  package mutating func take(_ done: Int64, at now: Double) {
    let passed = now - time
    guard passed >= 0.5 else { return }
    let latest = Double(max(0, done - bytes)) / passed
    let weight = 1 / (1 + passed / Self.memory)
    rate = rate.map { $0 * weight + latest * (1 - weight) } ?? latest
    (time, bytes) = (now, done)
  }
}
