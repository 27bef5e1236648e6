import Foundation
import SystemPackage
import TestSupport
import Testing

/// The unit of the web store in Mirror/systemd, as systemd reads it.
@Suite struct ServiceUnitTests {
  private static let unit = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
    .appending("Mirror").appending("systemd").appending("kscmirror-serve.service")

  /// The values of a key, in the order in which they stand there.
  private func values(_ key: String) throws -> [String] {
    try String(contentsOfFile: Self.unit.string, encoding: .utf8).split(separator: "\n")
      .filter { $0.hasPrefix("\(key)=") }
      .flatMap { $0.dropFirst(key.count + 1).split(separator: " ").map(String.init) }
  }

  @Test func `the web server's unit sees nothing of a store but what it serves, and writes nothing there`() throws {
    #expect(try values("User") == ["kscmirror-web"])
    #expect(try values("ProtectSystem") == ["strict"])
    #expect(try values("ReadWritePaths").isEmpty)
    let hidden = Set(try values("InaccessiblePaths"))
    for name in [
      "keys", "parcels", "licences", "ksn", "exchange", "receipts", "trust", "incoming", "outgoing", "partial",
      "journal",
    ] {
      #expect(hidden.contains("-/var/lib/kscmirror/\(name)"), "\(name)")
    }
    for served in ["catalogue.sqlite", "current", "objects", "releases", "metadata"] {
      #expect(!hidden.contains { $0.hasSuffix("/\(served)") }, "\(served)")
    }
  }

  @Test(.enabled(if: Command.path(of: "systemd-analyze") != nil, "systemd-analyze is not installed"))
  func `systemd finds little that the web server's unit leaves open`() throws {
    // In tenths: up to 2 of 10, which is its "OK".
    let words = ["security", "--offline=true", "--threshold=20", "--no-pager", Self.unit.string]
    let said = try Command.run("systemd-analyze", words)
    #expect(said.contains("Overall exposure level"), "\(said)")
  }
}
