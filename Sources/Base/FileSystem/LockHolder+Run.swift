import Glibc
import MirrorTypes

// What a holder of a lock does, and since when, as `/proc` shows it.

extension LockHolder {
  /// When its process began; `nil` where `/proc` does not show it.
  package var started: UTCTime? {
    guard let ticks = ProcessMark.start(of: process), let booted = Self.booted else { return nil }
    let perSecond = Int64(sysconf(Int32(_SC_CLK_TCK)))
    guard perSecond > 0 else { return nil }
    return booted.adding(seconds: ticks / perSecond)
  }

  /// The first word of its command line that is a subcommand by its form: letters and hyphens. Everybody may write what
  /// he likes there, so it is shown and never relied on.
  package var subcommand: String? {
    guard let bytes = ProcFile.read("/proc/\(process)/cmdline") else { return nil }
    let words = bytes.split(separator: 0, omittingEmptySubsequences: false).dropFirst().prefix(8)
    let found = words.first { word in
      (2...20).contains(word.count)
        && word.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "-") }
        && word.first != UInt8(ascii: "-")
    }
    return found.map { String(decoding: $0, as: UTF8.self) }
  }

  /// When this machine was started.
  private static var booted: UTCTime? {
    guard let bytes = ProcFile.read("/proc/stat") else { return nil }
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let words = String(decoding: line, as: UTF8.self).split(separator: " ")
      if words.count == 2, words[0] == "btime" { return Int64(words[1]).map { UTCTime(seconds: $0) } }
    }
    return nil
  }
}
