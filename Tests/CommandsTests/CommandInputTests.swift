import Commands
import Foundation
import Testing

/// What programs read and write, and that they are ended when their time is over, whatever they do.
@Suite struct CommandInputTests {
  private func shell(
    _ command: String,
    environment: [String: String] = ProcessInfo.processInfo.environment,
    input: [UInt8] = [],
    seconds: Int64 = 30
  ) throws -> BoundedCommand.Outcome {
    try BoundedCommand(
      ["/bin/sh", "-c", command],
      environment: environment,
      input: input,
      seconds: seconds,
      kept: .first(4096),
      grace: 2
    ).run()
  }

  @Test func `it gets its input and its variables, and what it writes is kept`() throws {
    let outcome = try shell(
      "read line; echo \"$line $NAME\"; echo trouble >&2; exit 3",
      environment: ["NAME": "of\0ours"],
      input: Array("hello\n".utf8)
    )
    let output = String(decoding: outcome.output, as: UTF8.self)
    #expect(outcome.ending == .exit(3) && output == "hello ofours\ntrouble\n", "\(outcome)")
  }

  @Test func `a signal and a missing program are told apart`() throws {
    #expect(try shell("kill -9 $$").ending == .signal(9))
    #expect(throws: (any Error).self) {
      try BoundedCommand(["/nowhere/at/all"], environment: [:], input: [1], seconds: 30).run()
    }
  }

  @Test func `one that takes too long is ended with all that it started, and one that writes without end goes on`()
    throws
  {
    let folder = NSTemporaryDirectory() + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let outcome = try shell("trap '' TERM; (sleep 600; echo no) & echo $! > '\(folder)'; wait", seconds: 1)
    #expect(outcome.ending == .timedOut)
    let child = try #require(Int32(try String(contentsOfFile: folder, encoding: .utf8).filter(\.isNumber)))
    var isGone = false
    for _ in 0..<100 where !isGone {
      // A process that is dead and not yet fetched by its new parent is gone as well.
      let state = (try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)) ?? ""
      isGone = state.isEmpty || state.contains(") Z ")
      if !isGone { usleep(20_000) }
    }
    #expect(isGone)
    let written = try shell("head -c 1000000 /dev/zero | tr '\\0' x")
    #expect(written.ending == .exit(0) && written.output.count == 4096 && written.isCut)
  }

  @Test func `input that nobody reads ends nobody`() throws {
    let input = [UInt8](repeating: 0x61, count: 1 << 20)
    #expect(try BoundedCommand(["/bin/true"], environment: [:], input: input, seconds: 30).run().ending == .exit(0))
  }
}
