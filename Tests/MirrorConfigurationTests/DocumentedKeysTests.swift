import Foundation
import MirrorConfiguration
import TestSupport
import Testing

/// The keys that the program reads are those that the manual tells of, both ways; and the configuration to begin with has
/// no others.
@Suite struct DocumentedKeysTests {
  /// A text with every table, and a source of each kind, so that every key is asked for.
  private static let everything = """
    site = "plant"
    [trust]
    [sync]
    [pack]
    [import]
    [serve]
    access_log = "log"
    [publish]
    endpoint = "https://s3.example"
    bucket = "mirror"
    [administration_server]
    url = "https://ksc.example"
    user = "mirror"
    password_file = "password"
    [licence]
    [ksn]
    [watch]
    [notify]
    [[exchange]]
    name = "out"
    direction = "out"
    folder = "out"
    [[exchange]]
    name = "in"
    direction = "in"
    folder = "in"
    preset = "vapm"
    [[source]]
    name = "a"
    kind = "kaspersky"
    servers = [{ url = "https://a.example", weight = 2 }]
    products = "as reported"
    fallback_products = ["KasperskyEndpointSecurityForLinux_12"]
    bandwidth_hours = [{ from = "08:00", to = "18:00", limit = "500KiB/s" }]
    [[source]]
    name = "b"
    kind = "files"
    [[source.files]]
    url = "https://b.example/x"
    path = "x"
    [[source]]
    name = "c"
    kind = "tuf"
    url = "https://c.example"
    root = "1.root.json"
    """

  private static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: repository.appendingPathComponent(path), encoding: .utf8)
  }

  /// What the reader asks for. Tables in lists without a heading of their own (`servers = [{ … }]`) are told with the key
  /// that holds them.
  private static func asked() throws -> [String: Set<String>] {
    let keys = try Configuration.keysAskedFor(reading: everything)
    for (table, names) in keys {
      #expect(!names.isEmpty, "add [\(table)] to the text of this test: nothing in it was asked for")
    }
    return keys
  }

  /// The keys that an `.It` of the manual tells of: `.It Cm os , architectures No = …`.
  static func keys(ofItem line: some StringProtocol) -> [String] {
    line.dropFirst(".It ".count).components(separatedBy: " , ").compactMap { part in
      let words = part.split(separator: " ").drop { ["Cm", "Va", "Ic"].contains($0) }
      guard let name = words.first, name.wholeMatch(of: /[a-z][a-z0-9_]*/) != nil else { return nil }
      return String(name)
    }
  }

  /// The keys of the manual by the tables of its headings.
  private static func documented() throws -> [String: Set<String>] {
    var keys: [String: Set<String>] = [:]
    var (table, depth) = ("", 0)
    var tables: [String] = []
    for line in try text("Man/kscmirror.toml.5").split(separator: "\n") {
      if line.hasPrefix(".Sh ") { if line.contains("EXAMPLES") { break } }
      if line.hasPrefix(".Ss ") {
        let heading = line.dropFirst(4)
        if let named = heading.wholeMatch(of: /\[+([a-z_.]+)\]+/) {
          table = String(named.1)
        } else {
          table = heading == "Top level" ? "" : "source"
        }
        (tables, depth) = ([table], 0)
      } else if line.hasPrefix(".Bl ") {
        depth += 1
      } else if line.hasPrefix(".El") {
        depth -= 1
        if tables.count > max(1, depth) { tables.removeLast() }
      } else if line.hasPrefix(".It ") {
        if let inner = line.firstMatch(of: /\[\[([a-z_.]+)\]\]/) {
          tables.append(String(inner.1))
          keys[tables[0], default: []].insert(String(inner.1.split(separator: ".").last ?? ""))
        } else {
          keys[tables.last ?? "", default: []].formUnion(Self.keys(ofItem: line))
        }
      }
    }
    return keys
  }

  @Test func `the manual tells of every key that is read, and of no other`() throws {
    let (asked, documented) = (try Self.asked(), try Self.documented())
    let manual = try Self.text("Man/kscmirror.toml.5")
    // Headings of their own stand for the keys that hold tables.
    let headings = Set(asked.keys.filter { !$0.isEmpty })
    for (table, names) in asked {
      guard let told = documented[table] else {
        // A table in a list: its members are named where the list is told of.
        for name in names {
          let isNamed = manual.contains(try Regex("(Cm|Li|Va|\\{|,) ?\(name)( No)? ?=?"))
          #expect(isNamed, "kscmirror.toml(5) says nothing of \(name) in \(table)")
        }
        continue
      }
      for name in names where !told.contains(name) {
        let path = table.isEmpty ? name : "\(table).\(name)"
        #expect(headings.contains(path) && documented[path] != nil, "kscmirror.toml(5) does not tell of \(path)")
      }
    }
    for (table, told) in documented {
      let read = try #require(asked[table], "kscmirror.toml(5) tells of [\(table)], which nobody reads")
      for name in told {
        #expect(read.contains(name), "kscmirror.toml(5) tells of \(table).\(name), which nobody reads")
      }
    }
  }

  @Test func `the configuration to begin with has keys that are read, in tables that are all there`() throws {
    let asked = try Self.asked()
    var (table, shown) = ("", Set<String>())
    for line in try Self.text("Mirror/kscmirror.toml").split(separator: "\n") {
      let text = line.trimmingPrefix(/#\s*/)
      if let heading = text.prefixMatch(of: /\[+([a-z_.]+)\]+\s*$/) {
        table = String(heading.1)
        shown.insert(table)
        #expect(asked[table] != nil, "[\(table)] is read by nobody")
      } else if let setting = text.prefixMatch(of: /([a-z][a-z0-9_]*)\s=\s/) {
        let name = String(setting.1)
        #expect(asked[table]?.contains(name) == true || asked[""]?.contains(name) == true, "[\(table)] \(name)")
      }
    }
    // Sub-tables in lists are told of in the manual.
    let all = Set(asked.keys.filter { !$0.isEmpty && !$0.contains(".") })
    #expect(all.subtracting(shown).isEmpty, "Mirror/kscmirror.toml does not show \(all.subtracting(shown).sorted())")
  }

  @Test func `items of the manual are read as they are written`() {
    #expect(Self.keys(ofItem: ".It Cm certificate No = Ar file , Cm key No = Ar file") == ["certificate", "key"])
    #expect(Self.keys(ofItem: ".It Cm os , architectures , languages No = Bq Qq Ar name , No ...").count == 3)
    #expect(Self.keys(ofItem: ".It Ic ca , Ic pin , Ic allow_http") == ["ca", "pin", "allow_http"])
    #expect(Self.keys(ofItem: ".It Cm http No = Qq Cm auto | 1.1 | 2") == ["http"])
  }

  @Test func `a key that the manual lacks would be found`() throws {
    let asked = try Configuration.keysAskedFor(reading: Self.everything)
    #expect(asked["ksn"] == ["spool", "fields"])
    #expect(asked["source"]?.isSuperset(of: ["servers", "root", "files", "proxy"]) == true)
    #expect(asked["source.servers"] == ["url", "weight"])
    #expect(try Configuration.keysAskedFor(reading: "")["ksn"] == [], "a table that is not there asks for nothing")
  }
}
