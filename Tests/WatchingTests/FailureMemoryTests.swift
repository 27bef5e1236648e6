import Commands
import Foundation
import MirrorTypes
import StrictJSON
import Testing

@testable import Watching

/// A command that fails is reported once, and once when it works again.
@Suite struct FailureMemoryTests {
  /// Plays runs, an hour each: `x` fails, `.` succeeds, `-` says nothing; in capitals (`X`, `o`) the report is not
  /// delivered. Returns what was reported after which run.
  private func play(_ runs: String, after: Int = 1) -> [String] {
    var memory: FailureMemory?
    var reports: [String] = []
    for (hour, run) in runs.enumerated() {
      let ending: FailureMemory.Ending =
        switch run {
        case "x", "X": .failed
        case ".", "o": .succeeded
        default: .silent
        }
      let isLost = run == "X" || run == "o"
      let next = FailureMemory.following(memory, ending, now: UTCTime(seconds: Int64(hour) * 3600), after: after)
      switch next.report {
      case .failing(let since, let failures):
        reports.append("\(hour): fails since \(since.seconds / 3600), \(failures)")
      case .recovered(let since, let failures):
        reports.append("\(hour): works, failed \(failures) since \(since.seconds / 3600)")
      case nil: break
      }
      memory = isLost ? next.undelivered : next.delivered
    }
    return reports
  }

  @Test func `a failure is reported once, and its end once`() {
    #expect(play("....") == [])
    #expect(play(".xxxx") == ["1: fails since 1, 1"])
    #expect(play(".xxx...") == ["1: fails since 1, 1", "4: works, failed 3 since 1"])
    #expect(
      play("x.x.") == [
        "0: fails since 0, 1", "1: works, failed 1 since 0", "2: fails since 2, 1", "3: works, failed 1 since 2",
      ]
    )
  }

  @Test func `what says nothing neither fails nor recovers`() {
    #expect(play("x--x-.") == ["0: fails since 0, 1", "5: works, failed 2 since 0"])
  }

  @Test func `where several runs have to fail, a single one is no report, nor is its end`() {
    #expect(play("x.x.xx.", after: 3) == [])
    #expect(play("xxxx.", after: 3) == ["2: fails since 0, 3", "4: works, failed 4 since 0"])
  }

  @Test func `what was not delivered is tried again`() {
    #expect(
      play("XXx.") == [
        "0: fails since 0, 1", "1: fails since 0, 2", "2: fails since 0, 3", "3: works, failed 3 since 0",
      ]
    )
    #expect(play("xo.") == ["0: fails since 0, 1", "1: works, failed 1 since 0", "2: works, failed 1 since 0"])
  }

  @Test func `a memory is read as it was written, and anything else is none`() {
    let memory = FailureMemory(since: UTCTime(seconds: 7), failures: 3, isReported: true)
    #expect(FailureMemory(memory.object) == memory)
    #expect(FailureMemory([:]) == nil && FailureMemory(["since": .integer(1), "failures": .integer(-1)]) == nil)
  }
}

/// What is written about a failure stays text, whatever a server or a stick has put into the message.
@Suite struct FailureLetterTests {
  @Test func `a message adds no line to the head of a mail, and nothing that steers a terminal to its body`() {
    let letter = FailureLetter(
      "sync",
      .failing(since: UTCTime(seconds: 1_764_000_000), failures: 1),
      .noServer,
      "no route\nBcc: all@example.com\u{202E}\u{1B}[2J\0",
      site: "plant-7",
      store: "/var/lib/kscmirror"
    )
    let mail = letter.mail(to: ["root", "admin@example.com"], from: "mirror@example.com")
    let head = mail.split(separator: "\n\n", maxSplits: 1)[0].split(separator: "\n")
    #expect(head.count == 7 && !head.contains { $0.hasPrefix("Bcc") }, "\(mail)")
    #expect(head.allSatisfy { $0.utf8.allSatisfy { (0x20..<0x7F).contains($0) } })
    #expect(!mail.unicodeScalars.contains { $0.isUnsafeToShow && $0 != "\n" }, "\(mail)")
    #expect(letter.environment["KSCMIRROR_EVENT"] == "failed" && letter.environment["KSCMIRROR_STATUS"] == "69")
    #expect(letter.environment["KSCMIRROR_MESSAGE"]?.contains("\n") == false)
  }
}

@Suite struct NoticeCommandTests {
  @Test func `what came of a command is said with its status and the first line of what it wrote`() throws {
    let outcome = try BoundedCommand(["/bin/sh", "-c", "echo hello; echo more; exit 3"], environment: [:], seconds: 30)
      .run()
    #expect(!outcome.isGood && outcome.words.contains("status 3: hello"), "\(outcome.words)")
  }
}
