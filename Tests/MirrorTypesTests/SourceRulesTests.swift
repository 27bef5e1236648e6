import Foundation
import MirrorTypes
import Testing

/// What may stand nowhere in the sources, because it once was the door to a fault.
@Suite struct SourceRulesTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Lines of code in folders of the project, without comments, that fit an expression; each with file and number.
  ///
  /// - Parameter exempt: files that are what the rule wants others to use.
  private static func lines(
    _ expression: String,
    in folders: [String] = ["Sources"],
    exempt: Set<String> = []
  ) throws -> [String] {
    let expression = try NSRegularExpression(pattern: expression)
    var found: [String] = []
    for folder in folders {
      let place = root.appendingPathComponent(folder)
      let paths = FileManager.default.enumerator(atPath: place.path)?.compactMap { $0 as? String } ?? []
      #expect(paths.count { $0.hasSuffix(".swift") } > 2, "nothing was looked at in \(folder)")
      for path in paths.sorted() where path.hasSuffix(".swift") {
        guard !exempt.contains(URL(fileURLWithPath: path).lastPathComponent) else { continue }
        let text = try String(contentsOf: place.appendingPathComponent(path), encoding: .utf8)
        for (number, line) in text.components(separatedBy: "\n").enumerated() {
          let code = line.trimmingCharacters(in: .whitespaces)
          let range = NSRange(code.startIndex..., in: code)
          guard !code.hasPrefix("//"), expression.firstMatch(in: code, range: range) != nil else { continue }
          found.append("\(folder)/\(path):\(number + 1): \(code)")
        }
      }
    }
    return found
  }

  /// A `String` is cut and compared by characters; paths are bytes. ``TreePath`` and `TextBytes.swift` have what is needed.
  @Test func `no path is cut or compared by characters`() throws {
    let exempt: Set<String> = ["TreePath.swift", "TextBytes.swift"]
    #expect(try Self.lines(#"(?<!unicodeScalars)\.split\(separator: "/""#, exempt: exempt) == [])
    let calls = #"(hasPrefix|hasSuffix|dropFirst|dropLast|starts\(with|contains|firstRange|lowercased|uppercased)\("#
    #expect(try Self.lines(#"[pP]ath(\.string|\.name)\.(\#(calls))"#, exempt: exempt) == [])
    #expect(try Self.lines(#"\b\w*[pP]ath\.(hasPrefix|dropFirst|dropLast)\("#, exempt: exempt) == [])
    #expect(try Self.lines(#"[pP]ath\.string (==|!=) "#, exempt: exempt) == [])
  }

  /// What is written for people goes through `Console`, which makes lines printable.
  @Test func `nothing reaches the console but through its one door`() throws {
    let calls = #"\b(print|debugPrint|dump|fputs|puts|printf|vprintf)\(|FileHandle\.standard|\bSTD(OUT|ERR)_FILENO\b"#
    // The handler of a signal may do nothing but write its own words.
    let found = try Self.lines(calls, exempt: ["Console.swift", "AccessLog.swift", "LostMemory.swift"])
    // Whether there is a terminal, and how wide it is, may be asked anywhere.
    let asking = ["isatty(", "ioctl(", "Screen."]
    #expect(found.filter { line in !asking.contains { line.contains($0) } } == [])
  }

  /// A new command is either in `Intake.commands`, so that what it refuses stands in the journal, or here.
  @Test func `of each command it is known whether it takes something in from outside`() throws {
    let takesNothing: Set<String> = [
      "backup", "bundle resplit", "config check", "config from-kuu", "demand show", "diff", "doctor", "exchange list",
      "export",
      "inspect",
      "keys create",
      "keys init", "keys rotate", "keys show", "licence list", "licence send", "log", "metrics", "package list",
      "package mobile unpublish", "package unpublish", "parcel drop", "parcel list", "parcel send", "parcel show",
      "parcel withdraw", "products", "prune", "publish", "receipt", "restore", "rollback", "serve", "site forget",
      "site list", "site rename", "site show", "status", "trust show", "verify", "why",
    ]
    let place = Self.root.appendingPathComponent("Sources/Console/GlobalOptions.swift")
    let text = try String(contentsOf: place, encoding: .utf8)
    let list = try #require(text.firstMatch(of: /static let commands: Set<String> = \[([^\]]*)\]/)).output.1
    let takesIn = Set(list.matches(of: /"([^"]*)"/).map { String($0.output.1) })
    #expect(takesIn.isDisjoint(with: takesNothing))
    var commands: Set<String> = []
    for name in ["Sources/kscmirror/Commands", "Sources/ServerCommands"] {
      let folder = Self.root.appendingPathComponent(name)
      for path in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
        let code = try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
        for match in code.matches(of: /perform\(\s*"([^"]*)"/) { commands.insert(String(match.output.1)) }
      }
    }
    #expect(commands == takesIn.union(takesNothing))
    // What only reads a store is run by whoever may: those names are names of commands, and the others are for its owner.
    let readers = try #require(text.firstMatch(of: /enum ReadOnlyCommands \{[^\[]*\[([^\]]*)\]/)).output.1
    let reading = Set(readers.matches(of: /"([^"]*)"/).map { String($0.output.1) })
    #expect(reading.isSubset(of: commands) && reading.isDisjoint(with: takesIn))
  }

  /// What unpacks runs in a confined process. The exception: patches that this program has just made.
  @Test func `nothing unpacks in the program's own process what nobody has verified`() throws {
    let exempt: Set<String> = ["ZstdPatch.swift"]
    let calls = #"\b(archive_read_\w+|ZSTD_(decompress|createD|DCtx_|getFrame|find)\w*|inflate\w*)\("#
    #expect(try Self.lines(calls, exempt: exempt) == [])
    let users = try Self.lines(#"\bZstdPatcher\("#).map { $0.split(separator: ":")[0] }
    #expect(
      Set(users) == [
        "Sources/Parts/BundleFormat/Patch/DocumentPatch.swift", "Sources/Parts/BundleFormat/Patch/PatchMaker.swift",
      ]
    )
  }

  /// Numbers that somebody else tells are added by ``ByteCount``, ``Sequence/totalBytes(_:)`` and
  /// ``Sequence/clampedSum(_:)`` only, which cannot end the program.
  @Test func `no sizes or counts are added up by what ends the program when they are too large`() throws {
    // Digits of a length are shifted into a number, three or four at the most.
    let exempt: Set<String> = ["UTCTime.swift"]
    #expect(try Self.lines(#"reduce\(0[,)](?!.*<< \(?8)"#, exempt: exempt) == [])
    #expect(try Self.lines(#"\+= .*\b(size|length)\b(?!.*utf8)"#) == [])
  }
}
