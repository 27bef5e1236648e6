import Foundation
import SystemPackage
import TestSupport
import Testing

/// What REDbot, a critic of HTTP servers, has to say (https://redbot.org; `pip install redbot`).
struct REDbotTests {
  /// The program, from the environment variable `KSCMIRROR_REDBOT`.
  private static let program = ProcessInfo.processInfo.environment["KSCMIRROR_REDBOT"].flatMap { Command.path(of: $0) }

  /// A warning or worse.
  private struct Note: Hashable, CustomStringConvertible {
    let path: String
    let name: String
    let summary: String
    var description: String { "\(path): \(name), \(summary)" }
  }

  private func notes(_ base: String, _ path: String) async throws -> [Note] {
    let run = try await ForeignRun.run(
      try #require(Self.program),
      ["-o", "har", "\(base)/\(path)"],
      in: FilePath(FileManager.default.temporaryDirectory.path)
    )
    let told = try #require(try JSONSerialization.jsonObject(with: Data(run.said.utf8)) as? [String: Any])
    let log = try #require(told["log"] as? [String: Any])
    let entries = try #require(log["entries"] as? [[String: Any]])
    let messages = entries.flatMap { $0["_red_messages"] as? [[String: Any]] ?? [] }
    // It always has something to say; nothing would be another format.
    try #require(messages.contains { $0["level"] as? String == "GOOD" }, "\(run.said)")
    return messages.filter { ["WARN", "BAD"].contains($0["level"] as? String) }.map {
      Note(path: path, name: $0["note_id"] as? String ?? "", summary: $0["summary"] as? String ?? "")
    }
  }

  @Test(.enabled(if: program != nil, "KSCMIRROR_REDBOT names no redbot (pip install redbot)"))
  func `REDbot has nothing against any kind of answer, and against nginx one note`() async throws {
    let ground = try PackageGround()
    let lines = Data((0..<9000).map { "line \($0)\n" }.joined().utf8)
    try await ground.release(["notes.txt": lines, "large.exe": Data(repeating: 7, count: 12_000_000)])
    let (world, store) = (ground.world, ground.world.connected)
    let server = try WebStoreGround(world, store, nil)
    let files = [
      "updates/index/u1901g.xml", "updates/updates/ah/ah0000.dat", "packages/notes.txt", "packages/large.exe",
      "nothing",
      "packages/", "metadata/timestamp.json", "metadata/1.root.json",
    ]
    for path in ["", "api/v1/status", "metrics"] + files {
      let notes = try await notes(server.url.replacingOccurrences(of: "localhost", with: "127.0.0.1"), path)
      #expect(notes.isEmpty)
    }
    #expect(try await server.stop() == 0)
    try #require(NginxServer.isInstalled, "needs nginx")
    let nginx = try WebStoreGround.nginx(store, nil)
    for path in files {
      // It leaves Vary out of a 304, which cannot be told otherwise.
      let notes = try await notes("http://127.0.0.1:\(nginx.port)", path).filter { $0.name != "MISSING_HDRS_304" }
      #expect(notes.isEmpty)
    }
  }
}
