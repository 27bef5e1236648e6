import Foundation
import SystemPackage
import TestSupport
import Testing

/// What README.md, the manual, and the files in Mirror/ say to administrators, held to the built program.
@Suite struct ReadMeTests {
  private static func text(_ path: String) throws -> String {
    let package = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
    return try String(contentsOfFile: package.pushing(FilePath(path)).string, encoding: .utf8)
  }

  // MARK: - Commands

  @Test func `each command and option that README, the manual and files in Mirror name is there`() throws {
    let program = try DescribedCommand.program()
    var lines = try Self.commands(ofReadMe: Self.text("README.md"))
    #expect(lines.count > 30)
    let units = ["serve", "sync", "pack"].map { "Mirror/systemd/kscmirror-\($0).service" }
    for path in ["Mirror/cron/kscmirror"] + units {
      let named = try Self.text(path).split(separator: "\n")
        .filter { path.hasSuffix(".service") ? $0.hasPrefix("Exec") : !$0.hasPrefix("#") }
        .flatMap { $0.matches(of: /kscmirror ([a-z][^&|]*)/).map { String($0.1) } }
      #expect(!named.isEmpty, "\(path)")
      lines += named
    }
    let examples = try ManualPages.commandLines()
    #expect(examples.count > 20)
    for line in lines + examples {
      let objection = program.objection(to: line)
      #expect(objection == nil, "\(line): \(objection ?? "")")
    }
    for wrong in ["snyc", "site lst", "pack --to plant-7", "sync -o /media/stick"] {
      #expect(program.objection(to: wrong) != nil, "\(wrong)")
    }
  }

  @Test func `each command has a page, with every option in its SYNOPSIS and in its text`() throws {
    let common = try ManualPages.sections().filter { $0.heading == "Options of all commands" }.map(\.text).joined()
    #expect(!common.isEmpty)
    for command in try DescribedCommand.program().subcommands ?? [] where command.commandName != "help" {
      let page = try ManualPages.sections().filter { $0.page == "kscmirror-\(command.commandName).1" }
      let synopsis = page.first { $0.heading == "SYNOPSIS" }?.text ?? ""
      let text = page.filter { $0.heading != "SYNOPSIS" }.map(\.text).joined()
      for (words, leaf) in command.leaves(after: "") {
        let usages = synopsis.components(separatedBy: ".Nm kscmirror\n")
          .filter { $0.hasPrefix(".Cm \(words)\n") || $0.hasPrefix(".Cm \(words) ") }
        #expect(!usages.isEmpty, "SYNOPSIS has no '\(words)'")
        for names in leaf.optionNames where try !names.contains(where: { try Self.isOption($0, in: common) }) {
          let isUsage = try names.contains { try Self.isOption($0, in: usages.joined()) }
          #expect(isUsage, "SYNOPSIS of \(words): \(names)")
          let long = try #require(names.first { $0.hasPrefix("--") })
          #expect(try Self.isOption(long, in: text), "the manual says nothing of \(words) \(long)")
        }
      }
    }
  }

  @Test func `the index and the page of each command say what its help says`() throws {
    let sections = try ManualPages.sections()
    func text(_ page: String) -> String {
      sections.filter { $0.page == page }.map(\.text).joined().replacing("\\-", with: "-")
    }
    let index = text("kscmirror.1").matches(of: /\.It Xr kscmirror-([a-z]+) 1\n([^\n]+)/).map {
      (String($0.output.1), String($0.output.2))
    }
    let lines = Dictionary(index) { $1 }
    for command in try DescribedCommand.program().subcommands ?? [] where command.commandName != "help" {
      let abstract = (command.abstract ?? "").replacing("`", with: "")
      #expect(lines[command.commandName] == abstract)
      let purpose = text("kscmirror-\(command.commandName).1").firstMatch(of: /\.Nd ([^\n]+)/)?.output.1 ?? ""
      #expect("\(purpose)." == abstract.prefix(1).lowercased() + abstract.dropFirst())
    }
  }

  /// Whether a page's text has an option: as `.Fl -name`, or after another one.
  private static func isOption(_ name: String, in text: String) throws -> Bool {
    text.contains(try Regex("(Fl |, )\(name.dropFirst())(?![a-z-])"))
  }

  /// The command lines in README's examples and between its back quotes, from the subcommand on.
  private static func commands(ofReadMe text: String) throws -> [String] {
    let names = Set((try DescribedCommand.program().subcommands ?? []).map(\.commandName))
    let examples = text.split(separator: "\n").filter { $0.hasPrefix("    kscmirror ") }
      .map { String($0.prefix { $0 != "#" }) }
    let quoted = text.matches(of: /`([^`\n]+)`/).map { String($0.1) }
      .filter { $0.hasPrefix("kscmirror ") || names.contains(String($0.prefix { $0 != " " })) }
    return (examples + quoted).map { line in
      let words = line.split(separator: " ")
      return words.drop { $0 == "kscmirror" }.joined(separator: " ")
    }
  }

  // MARK: - Configurations

  @Test func `the configurations of README and the one to begin with, whatever is switched on in it, are read`()
    async throws
  {
    let world = try World(files: 12)
    var texts = try Self.text("README.md").components(separatedBy: "\n\n").filter { $0.hasPrefix("    store = ") }
    #expect(texts.count == 2)
    let example = try Self.text("Mirror/kscmirror.toml")
    // Settings in comments count; of two of one name the later one, and a digest has 64 digits.
    let lines = example.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.wholeMatch(of: /# ((?:[a-z0-9_]+ = |\[).*)/).map { String($0.1) } ?? String(line)
    }
    let whole = lines.filter { !$0.hasPrefix("products = [") }.joined(separator: "\n")
    #expect(whole.split(separator: "\n").count { $0.hasPrefix("[") } > 10)
    texts += [example, whole.replacing("…", with: String(repeating: "0", count: 64))]
    for (number, text) in texts.enumerated() {
      let place = world.folder["\(number).toml"]
      try world.write(text, to: place)
      let checked = try await world.run("config", "check", "--config", place.string)
      #expect(checked.status == 0 && checked.output.contains("all good"), "\(checked.errors)\n\(text)")
    }
  }

  // MARK: - Hosts

  /// README names the packages of Debian 12.
  private static let isDebian12 =
    (try? String(contentsOfFile: "/etc/os-release", encoding: .utf8))?.contains("\nVERSION_ID=\"12\"\n") == true
    && Command.path(of: "readelf") != nil && Command.path(of: "dpkg-query") != nil

  @Test(.enabled(if: isDebian12, "needs Debian 12 with readelf and dpkg-query"))
  func `README names the package of each library that the program needs`() throws {
    // Debian's own tools need the last three, so that every installation has them.
    let named = Set(try Self.text("README.md").matches(of: /[a-z0-9][a-z0-9.+-]*[a-z0-9+]/).map { String($0.output) })
      .union(["libc6", "libgcc-s1", "libstdc++6"])
    let needed = try Command.run("readelf", ["--dynamic", "--wide", World.program])
      .matches(of: /\(NEEDED\)[^\n]*\[([^\n]+)\]/).map { String($0.1) }
    // A release has Swift's libraries inside.
    let ofSwift = /lib(swift|_?Foundation|dispatch|BlocksRuntime).*/
    let others = needed.filter { $0.wholeMatch(of: ofSwift) == nil }
    #expect(others.contains("libcurl.so.4"))
    for library in others {
      let found = try Command.run("dpkg-query", ["--search", "*/\(library)"]).split(separator: "\n")
      let packages = Set(found.map { String($0.prefix { $0 != ":" }) })
      #expect(!packages.isDisjoint(with: named), "\(library) is in \(packages.sorted())")
    }
  }

  // MARK: - A day on both sides

  private static func names(on stick: FilePath) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: stick.string)
  }

  /// The commands of README's day in their order, from the subcommand on, each with the side that it is for.
  private static func day() throws -> [(isConnected: Bool, line: String)] {
    let parts = try text("README.md").components(separatedBy: "## A day on both sides\n")
    let section = try #require(parts.dropFirst().first?.components(separatedBy: "\n## ").first)
    var isConnected = true
    return section.split(separator: "\n").filter { $0.hasPrefix("    kscmirror ") }.map { line in
      let words = line.prefix { $0 != "#" }.split(separator: " ").dropFirst().joined(separator: " ")
      if words.hasPrefix("setup") { isConnected = words == "setup connected" }
      if words.hasPrefix("collect") { isConnected = true }
      return (isConnected, words)
    }
  }

  /// Runs the commands of README's day, in their order, and returns which ones they were.
  private func goThrough(_ day: [(isConnected: Bool, line: String)], in world: World) async throws -> [String] {
    let (stick, phrase) = (world.stick.string, world.folder["phrase"])
    try world.write("a pass phrase\n", to: phrase)
    var fingerprints: [String: [String]] = [:]
    var done: [String] = []
    for (isConnected, line) in day {
      // What stands in quotes is a fingerprint.
      var words = (line.components(separatedBy: "\"").first ?? line).split(separator: " ").map(String.init)
      words = words.map { $0 == "/media/stick" ? stick : $0 }
      let command = words.prefix { !$0.hasPrefix("-") && $0 != stick }.joined(separator: " ")
      switch command {
      // What it asks is another test's; the configurations are there, and so are its keys in the end.
      case "setup connected": words = ["keys", "init", "--passphrase-file", phrase.string]
      case "setup isolated": continue
      case "pack": words.append("--new-site")
      case "trust add": words += ["--fingerprint"] + [fingerprints["keys show"]?.joined(separator: " ") ?? ""]
      case "collect": words.append(fingerprints["trust show"]?.joined(separator: " ") ?? "")
      // No stick is mounted here that it could find.
      case "import": words.append(stick)
      // There is no release before the first one.
      case "rollback": continue
      default: break
      }
      let configuration = isConnected ? world.configuration : world.isolatedConfiguration
      let outcome = try await world.run(words + ["--config", configuration.string])
      try #require(outcome.status == 0, "\(line): \(outcome.errors)")
      if ["keys show", "trust show"].contains(command) {
        let result = try await world.run(words + ["--json", "--config", configuration.string]).result
        fingerprints[command] = (result["siteFingerprint"] ?? result["fingerprint"]) as? [String]
      }
      done.append(command)
    }
    return done
  }

  @Test func `a day on both sides goes as README shows it, and so does the next one`() async throws {
    let world = try World(trusting: false)
    let product = "products = [\"KasperskyEndpointSecurityForLinux_12_3_0\"]"
    try world.configure(source: product, rest: "[pack]\noutput = \"\(world.stick)\"", primaries: nil)
    try world.configureIsolated("site = \"plant-7\"")
    let stick = world.stick.string
    @discardableResult func well(_ configuration: FilePath, _ words: String...) async throws -> Outcome {
      let outcome = try await world.run(words + ["--config", configuration.string])
      try #require(outcome.status == 0, "\(words): \(outcome.errors)")
      return outcome
    }
    let (here, there) = (world.configuration, world.isolatedConfiguration)
    let done = try await goThrough(try Self.day(), in: world)
    let needed = ["setup connected", "sync", "pack", "trust add", "import", "collect", "site list"]
    #expect(needed.allSatisfy(done.contains), "\(done)")

    // With nothing new, sync asks for the indexes and the product catalogue, once each.
    world.server.forgetRequests()
    try await well(here, "sync")
    let asked = world.server.requests.map(\.path)
    let indexes = try world.published(world.connected).keys.filter { $0.hasSuffix(".xml") }.map { $0.dropFirst(8) }
    #expect(asked.sorted() == (indexes.map(String.init) + ["updates/bin/kuuc/updater.xml"]).sorted())

    try world.age()
    for words in [["sync"], ["pack", "--site", "plant-7"]] {
      #expect(try await world.run(words + ["--config", here.string]).status == 0)
    }
    #expect(try Self.names(on: world.stick).contains { $0.hasPrefix("kscmirror-000002-from-000001") })
    for words in [["import", stick], ["status"], ["log"]] {
      #expect(try await world.run(words + ["--config", there.string]).status == 0)
    }
    #expect(try world.published(world.isolated) == world.published(world.connected))
    try await well(there, "rollback")
    #expect(world.current(world.isolated) == "releases/1")
  }
}

/// A command of the program, as the program describes itself.
private struct DescribedCommand: Decodable {
  let commandName: String
  let abstract: String?
  let arguments: [Argument]?
  let subcommands: [DescribedCommand]?

  struct Argument: Decodable {
    let names: [Name]?
  }

  struct Name: Decodable {
    let kind: String
    let name: String
  }

  private struct Dump: Decodable {
    let command: DescribedCommand
  }

  static func program() throws -> DescribedCommand {
    let text = try Command.run(World.program, ["--experimental-dump-help"])
    return try JSONDecoder().decode(Dump.self, from: Data(text.utf8)).command
  }

  var options: Set<String> {
    Set(optionNames.joined())
  }

  /// The names of each of its options.
  var optionNames: [[String]] {
    (arguments ?? []).compactMap(\.names).map { $0.map { ($0.kind == "long" ? "--" : "-") + $0.name } }
  }

  /// The commands below it, or itself, that have no others below them, each with its words.
  func leaves(after words: String) -> [(words: String, command: DescribedCommand)] {
    let own = words.isEmpty ? commandName : "\(words) \(commandName)"
    let below = (subcommands ?? []).filter { $0.commandName != "help" }
    return below.isEmpty ? [(own, self)] : below.flatMap { $0.leaves(after: own) }
  }

  /// What is wrong with a command line from the subcommand on; `nil` if all its words are known.
  func objection(to line: String) -> String? {
    let words = line.split(separator: " ").map(String.init)
    if let first = words.first, let next = subcommands?.first(where: { $0.commandName == first }) {
      return next.objection(to: words.dropFirst().joined(separator: " "))
    }
    if let first = words.first, subcommands?.isEmpty == false { return "'\(commandName)' has no '\(first)'" }
    return words.first { $0.hasPrefix("-") && $0 != "-" && !options.contains($0) }
      .map { "'\(commandName)' has no option \($0)" }
  }
}
