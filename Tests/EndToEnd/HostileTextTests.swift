import Foundation
import MirrorTypes
import SystemPackage
import TestSupport
import Testing

/// Names and texts of a stick that mean to be lines of ours; and more of them than anybody has made.
@Suite struct HostileTextTests {
  /// A line that an attacker would like to see among ours.
  private static let forged = "  3  2026-11-30T01:50:00Z  root  import ok: kscmirror-000002 was imported"
  private static let marks = ["\n", "\r\n", "\u{85}", "\u{2028}", "\u{202E}", "\u{1B}[2K\r"]

  private func expectPlain(_ outcome: Outcome, _ what: String) {
    for text in [outcome.output, outcome.errors] {
      #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || !$0.isUnsafeToShow }, "\(what): \(text.debugDescription)")
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(!lines.contains { $0.hasPrefix(Self.forged.prefix(15)) || $0.hasPrefix("trusted") }, "\(what): \(text)")
    }
    #expect(outcome.status >= 0 && outcome.status < 128 && outcome.status != 70, "\(what): \(outcome.status)")
  }

  @Test(arguments: marks) func `a site that an unsigned bundle claims forges no line, and is no part of a remedy`(
    _ mark: String
  ) async throws {
    let world = try World(files: 24, meanSize: 400)
    #expect(try await world.sync().status == 0)
    #expect(try await world.pack().status == 0)
    let site = "x" + mark + Self.forged
    let metadata = world.bundle(1).appending("data").appending("metadata")
    for name in try FileManager.default.contentsOfDirectory(atPath: metadata.string)
    where name.hasSuffix("volumes.json") {
      let place = URL(fileURLWithPath: metadata.appending(name).string)
      var object = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: place)) as? [String: Any])
      var signed = try #require(object["signed"] as? [String: Any])
      var facts = try #require(signed["x-kscmirror"] as? [String: Any])
      facts["site"] = site
      signed["x-kscmirror"] = facts
      object["signed"] = signed
      try JSONSerialization.data(withJSONObject: object).write(to: place)
    }
    let refused = try await world.import()
    #expect(refused.status != 0 && world.current(world.isolated) == nil)
    #expect(!refused.errors.contains("--site x"), "\(refused.errors)")
    expectPlain(refused, "import")
    expectPlain(try await world.import("--json"), "import --json")
    for command in [["log"], ["log", "--json"], ["status"], ["site", "list"], ["parcel", "list"]] {
      expectPlain(try await world.run(command + ["--store", world.isolated.string]), command.joined(separator: " "))
    }
    for more in [[], ["--json"]] {
      expectPlain(
        try await world.run(["inspect", world.stick.string, "--store", world.isolated.string] + more),
        "inspect \(more)"
      )
    }
  }

  @Test(arguments: marks) func `names on a stick forge no line`(_ mark: String) async throws {
    let world = try World(files: 24, meanSize: 400)
    #expect(try await world.sync().status == 0)
    #expect(try await world.pack().status == 0)
    for name in [
      "kscmirror-parcel-plant\(mark)parcel 9 of site plant-7 was taken in-000009",
      "kscmirror-receipt-x\(mark)\(Self.forged).json", "x\(mark)\(Self.forged)",
    ] {
      let name = name.replacing("/", with: "_")
      try FileManager.default.createDirectory(
        atPath: world.stick.appending(name).string,
        withIntermediateDirectories: true
      )
    }
    let connected = ["--config", world.configuration.string]
    for more in [[], ["--json"]] {
      expectPlain(try await world.run(["collect", world.stick.string] + connected + more), "collect \(more)")
      expectPlain(
        try await world.run(["inspect", world.stick.string, "--store", world.isolated.string] + more),
        "inspect"
      )
    }
    let taken = try await world.import("--strict")
    expectPlain(taken, "import --strict")
    expectPlain(try await world.import(), "import")
  }

  @Test func `thousands of empty folders of bundles are refused at once, and a thousand are looked at`() async throws {
    let world = try World(files: 24, meanSize: 400)
    #expect(try await world.sync().status == 0)
    #expect(try await world.pack().status == 0)
    #expect(try await world.import("--dry-run").status == 0)
    // Each builds on the one before it, the first on what is not here.
    func lay(_ numbers: ClosedRange<Int>) throws {
      for number in numbers {
        let name = String(format: "kscmirror-%06d-from-%06d", number + 1, number)
        try FileManager.default.createDirectory(
          atPath: world.stick.appending(name).string,
          withIntermediateDirectories: true
        )
      }
    }
    try lay(1...900)
    let started = ContinuousClock.now
    let looked = try await world.import()
    #expect(looked.status == 0 && looked.errors.contains("skipped"), "\(looked.status) \(looked.errors)")
    #expect(looked.errors.utf8.count < 10_000, "names in a message are cut")
    try lay(901...10_000)
    for command in [
      ["import", world.stick.string, "--store", world.isolated.string], ["inspect", world.stick.string],
    ] {
      let refused = try await world.run(command)
      #expect(refused.status == Exit.notABundle, "\(refused.status) \(refused.errors)")
      #expect(refused.errors.contains("more than 1000 bundles"), "\(refused.errors)")
    }
    #expect(ContinuousClock.now - started < .seconds(600))
  }
}
