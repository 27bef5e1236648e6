import Foundation
import MirrorConfiguration
import SystemPackage
import TestSupport
import Testing

/// Changes a configuration at random: see `Fuzz`.
@Suite struct ConfigurationFuzzTests {
  private static let text = """
    store = "/var/lib/kscmirror"
    site = "plant-7"
    vendor_signatures = "check"
    [[source]]
    name = "kaspersky"
    kind = "kaspersky"
    servers = ["https://example.org/", "https://example.com/"]
    attempts = 3
    [[source]]
    name = "packages"
    kind = "files"
    [[source.files]]
    path = "packages/kesl.rpm"
    url = "https://example.org/kesl.rpm"
    sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
    [import]
    strict = true
    [serve]
    listen = ["0.0.0.0:443"]
    [[exchange]]
    name = "lists"
    direction = "out"
    folder = "/srv/lists"
    [licence]
    devices = true
    warn_days = 30

    """

  private static let mutator = Mutator(
    [
      "[", "]", "[[", "]]", "=", "\"", "\"\"\"", "'", "\\u0000", "\\U0010FFFF", "\n", "#", "{", "}", "1979-05-27", "0x",
      "1e999", "-9223372036854775808", "nan", ".", "a.b.c.d", "\u{202E}",
    ],
    longest: 200,
    mostChanges: 4
  )

  @Test func `a changed configuration is read, or refused in a sentence of one line that names the file`() {
    let original = Array(Self.text.utf8)
    var (read, refused) = (0, 0)
    for round in Fuzz.rounds("configurations", 1000) {
      var (changed, random) = (original, round.random)
      changed = Self.mutator.changed(changed, &random)
      do throws(ConfigurationError) {
        _ = try Configuration(parsing: String(decoding: changed, as: UTF8.self), from: "/etc/fuzz.toml")
        read += 1
      } catch {
        refused += 1
        #expect("\(error)".contains("/etc/fuzz.toml"), "\(round): \(error)")
      }
    }
    #expect(read > 0 && refused > 0)
  }

  @Test(arguments: ["[.a]", "[=]", "[", "[[", "[#]", "[ \n]", "[\u{202E}]", "[[.]]", "[]", "a = 1\n  [ [", "[{}]"])
  func `a table without a name is refused with its line`(_ text: String) {
    let error = #expect(throws: ConfigurationError.self) { try Configuration(parsing: text, from: "/etc/fuzz.toml") }
    #expect(error?.line != nil)
  }

  @Test(arguments: [
    "a = [ }", "a = [\n 1,\n }", "a = [[1], [ } ]]", "a = { b = [ } }", "[a]\nb = [ # x\n}\n", "a = [ 1 }",
  ])
  func `a brace in the place of a value is refused with its line`(_ text: String) {
    let error = #expect(throws: ConfigurationError.self) { try Configuration(parsing: text, from: "/etc/fuzz.toml") }
    #expect(error?.line != nil)
  }

  @Test(arguments: [
    "a = 1979-05-27 1]", "a = [1979-05-27 1]", "a = { b = 1979-05-27 1}", "a = 1979-05-27 1,", "a = 1979-05-27 1 # x",
    "a = x y", "a = é", "a = [1, \u{A0}]", "a =\u{A0}\"x\"", "store = /var/lib/kscmirror", "a = 1 2", "a = true false",
  ])
  func `a value without quotes that is none is refused with its line`(_ text: String) {
    let error = #expect(throws: ConfigurationError.self) {
      try Configuration(parsing: "# first\n" + text + "\nb = 1\n", from: "/etc/fuzz.toml")
    }
    #expect(error?.line == 2, "\(error as Any)")
  }

  @Test func `a key without a value is refused with its own line`() {
    let error = #expect(throws: ConfigurationError.self) {
      try Configuration(parsing: "store =\nkeep = 1\n", from: "/etc/fuzz.toml")
    }
    #expect(error?.line == 1, "\(error as Any)")
  }

  @Test(arguments: ["[", "{a=", "[[", "a.", "x=[", "\"", "'''"])
  func `deep nesting is refused and no more`(_ piece: String) {
    for depth in [100, 10_000, 200_000] {
      let text = "a=" + String(repeating: piece, count: depth)
      #expect(throws: ConfigurationError.self) { try Configuration(parsing: text, from: "/etc/fuzz.toml") }
      #expect(throws: ConfigurationError.self) {
        try Configuration(parsing: String(repeating: piece, count: depth), from: "/etc/fuzz.toml")
      }
    }
  }
}
