import Foundation
import SystemPackage
import TestSupport
import Testing

/// The unit of the web store in Mirror/systemd, as systemd reads it.
@Suite struct ServiceUnitTests {
  private static let unit = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
    .appending("Mirror").appending("systemd").appending("kscmirror-serve.service")
  private static let sticks = ["kscmirror-stick@.service", "kscmirror-stick-out@.service"]

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

  /// The lines of a unit for sticks that run something.
  private func commands(_ unit: String) throws -> [String] {
    let path = Self.unit.removingLastComponent().appending(unit)
    return try String(contentsOfFile: path.string, encoding: .utf8).split(separator: "\n").map(String.init)
      .filter { $0.hasPrefix("Exec") }
  }

  @Test(arguments: sticks)
  func `only mounting, releasing and the signal have privileges, and nothing on a stick can be run`(_ unit: String)
    throws
  {
    let commands = try commands(unit)
    let privileged = commands.filter { $0.contains("=+") || $0.contains("=-+") }
    for line in privileged {
      #expect(!line.contains("kscmirror import") && !line.contains("kscmirror pack"), "\(line)")
      #expect(["mkdir", "mount", "umount", "rmdir"].contains { line.contains($0) }, "\(line)")
    }
    for line in privileged where line.contains("mount -o") {
      for part in line.components(separatedBy: "mount -o ").dropFirst() {
        let options = part.prefix { $0 != " " }.split(separator: ",")
        #expect(Set(["nosuid", "nodev", "noexec"]).isSubset(of: options), "\(line)")
      }
    }
    // Whatever comes before it, the stick is released in the end.
    #expect(commands.suffix(2).first?.contains("umount") == true)
    let others = commands.filter { !privileged.contains($0) }
    #expect(others.allSatisfy { $0.contains("=kscmirror ") || $0.contains("=-kscmirror ") }, "\(others)")
  }

  @Test func `a stick is read-only until its bundle is imported`() throws {
    let commands = try commands(Self.sticks[0])
    let written = try #require(commands.firstIndex { $0.contains("remount,rw") })
    let imported = try #require(commands.firstIndex { $0.contains("kscmirror import --no-receipt") })
    #expect(
      imported < written && commands[..<imported].allSatisfy { !$0.contains("mount -o") || $0.contains("mount -o ro,") }
    )
  }

  @Test(.enabled(if: Command.path(of: "systemd-analyze") != nil, "systemd-analyze is not installed"), arguments: sticks)
  func `systemd finds little that the units for sticks leave open`(_ unit: String) throws {
    let path = Self.unit.removingLastComponent().appending(unit)
    let words = ["security", "--offline=true", "--threshold=20", "--no-pager", path.string]
    #expect(try Command.run("systemd-analyze", words).contains("Overall exposure level"))
  }
}
