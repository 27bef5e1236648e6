import Commands
import Failures
import Foundation
import TestSupport
import Testing

/// Programs of others are run for a bounded time, and little of what they say is kept.
@Suite struct BoundedCommandTests {
  private func shell(_ script: String, seconds: Int64 = 60, environment: [String: String] = [:]) throws
    -> BoundedCommand.Outcome
  {
    var command = BoundedCommand(
      ["/bin/sh", "-c", script],
      environment: environment,
      seconds: seconds,
      kept: .last(100)
    )
    command.grace = 1
    return try command.run()
  }

  @Test(
    arguments: [
      ("exit 0", .exit(0), ""), ("exit 7", .exit(7), ""), ("kill -9 $$", .signal(9), ""),
      ("echo out; echo err >&2", .exit(0), "out\nerr\n"), ("cat", .exit(0), ""),
      ("echo $A$HOME", .exit(0), "b\n"), ("sleep 30 & echo gone", .exit(0), "gone\n"),
    ] as [(String, BoundedCommand.Ending, String)]
  )
  func `how it ends and what it says on both outputs is reported`(
    _ script: String,
    _ ending: BoundedCommand.Ending,
    _ output: String
  ) throws {
    let outcome = try shell(script, environment: ["A": "b"])
    #expect(outcome.ending == ending)
    let said = String(decoding: outcome.output, as: UTF8.self)
    #expect(said == output)
    #expect(!outcome.isCut)
  }

  @Test func `of much output the end is kept`() throws {
    let outcome = try shell("i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done")
    #expect(outcome.ending == .exit(0) && outcome.isCut && outcome.output.count == 100)
    #expect(String(decoding: outcome.output, as: UTF8.self).hasSuffix("line 2999\n"))
  }

  @Test(arguments: ["", "trap '' TERM;"])
  func `what takes too long is ended with all that it has started, also if it does not want to`(_ own: String) throws {
    let ground = TemporaryFolder()
    let pipe = ground["pipe"].string
    try #require(mkfifo(pipe, 0o600) == 0)
    let script = "\(own) (trap '' TERM; read line < \(pipe)) & sleep 60"
    #expect(try shell(script, seconds: 1).ending == .timedOut)
    // Only where somebody waits for the other end can it be opened. What was killed takes a moment to be gone.
    var isHeld = true
    for _ in 0..<1000 where isHeld {
      let descriptor = open(pipe, O_WRONLY | O_NONBLOCK)
      isHeld = descriptor >= 0 || errno != ENXIO
      if descriptor >= 0 { close(descriptor) }
      if isHeld { usleep(10_000) }
    }
    #expect(!isHeld)
  }

  @Test func `a program that is not there is an error that names it`() {
    let command = BoundedCommand(["/no/such/program"], environment: [:], seconds: 1)
    let error = #expect(throws: CommandError.self) { try command.run() }
    #expect(error?.status == .notThere && error?.message.contains("/no/such/program") == true)
  }
}
