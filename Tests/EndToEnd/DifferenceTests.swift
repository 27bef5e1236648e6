import Foundation
import SystemPackage
import Testing
import UpdateServerDouble

/// The vendor's difference files, which lie beside files and are named by no index.
@Suite struct DifferenceTests {
  /// A world whose server has difference files, and whose configuration wants them.
  private func prepared(_ source: String = "") throws -> World {
    let world = try World(differences: true)
    try world.configure(source: "diffs = true\n\(source)")
    return world
  }

  private static func isDifference(_ path: String) -> Bool {
    path.hasSuffix(".klz") || path.hasSuffix(".dif") || path.hasPrefix("diffs/") || path.hasPrefix("updates/diffs/")
  }

  /// The file of the tree that a difference file of the tree is of.
  private static func file(of path: String) -> String {
    if path.hasSuffix(".klz") || path.hasSuffix(".dif") { return String(path.dropLast(4)) }
    let parts = path.split(separator: "/").dropFirst()
    let name = String(parts.last ?? "")
    let bare = name.hasPrefix("~") ? String(name.dropFirst().dropLast(6)) : String(name.prefix { $0 != "." }) + ".dat"
    return (parts.dropLast().map(String.init) + [bare]).joined(separator: "/")
  }

  /// The tree as it should be published without its difference files.
  private func withoutDifferences(_ world: World) throws -> [String: Data] {
    try world.expected().filter { !Self.isDifference($0.key) }
  }

  /// The paths in the tree of its lists.
  private func lists(_ world: World) throws -> [String] {
    try World.files(below: world.folder["tree"]).keys.filter { $0.hasSuffix(".diffs") }.sorted()
  }

  @Test func `they lie in the release, alike to the byte, and go the whole way, day after day`() async throws {
    let world = try prepared()
    for day in 1...3 {
      if day > 1 { try world.age() }
      let synced = try await world.sync("--quiet")
      #expect(synced.status == 0 && synced.errors.isEmpty, "\(synced.errors)")
      #expect(try world.published(world.connected) == world.expected())
      #expect(try await world.pack().status == 0)
      #expect(try await world.import().status == 0)
      #expect(try world.published(world.isolated) == world.expected())
    }
    let paths = try world.published(world.connected).keys.filter(Self.isDifference)
    #expect(paths.count > 60)
    #expect(paths.contains("updates/index/u1901g.xml.klz"))
    #expect(paths.contains { $0.hasSuffix(".diffs") } && paths.contains { $0.hasSuffix(".dat.d0") })
    #expect(try await world.run("verify", "--store", world.connected.string).status == 0)
  }

  @Test func `with nothing new none is asked for`() async throws {
    let world = try prepared()
    try await world.sync()
    world.server.forgetRequests()
    let again = try await world.sync("--json")
    #expect(again.result["isNew"] as? Bool == false)
    let asked = world.server.requests.map(\.path)
    #expect(!asked.isEmpty && asked.allSatisfy { $0.hasSuffix("g.xml") }, "\(asked)")
  }

  @Test func `a day later only those of files that changed are asked for`() async throws {
    let world = try prepared()
    try await world.sync()
    let before = try World.files(below: world.folder["tree"])
    try world.age()
    let after = try World.files(below: world.folder["tree"])
    world.server.forgetRequests()
    #expect(try await world.sync().status == 0)
    #expect(try world.published(world.connected) == world.expected())
    let asked = Set(world.server.requests.map(\.path).filter(Self.isDifference))
    #expect(!asked.isEmpty)
    // But for the names by which it is seen whether the server gives whatever it is asked for.
    for path in asked where !path.contains("no-such-file") {
      let file = Self.file(of: path)
      #expect(after[file] != nil && before[file] != after[file], "\(path)")
    }
  }

  @Test func `what appears beside a file that does not change is found when all is asked for again`() async throws {
    let world = try prepared()
    try await world.sync()
    let files = try World.files(below: world.folder["tree"])
    let bare = try #require(
      files.keys.filter { $0.hasPrefix("updates/") && $0.hasSuffix(".dat") && files["\($0).klz"] == nil }.min()
    )
    try world.write("KLZF and so on", to: world.folder["tree/\(bare).klz"])
    #expect(try await world.sync().status == 0)
    #expect(try world.published(world.connected)["updates/\(bare).klz"] == nil)
    #expect(try await world.sync("--recheck").status == 0)
    #expect(try world.published(world.connected) == world.expected())
  }

  @Test func `without diffs none is asked for`() async throws {
    let world = try World(differences: true)
    #expect(try await world.sync().status == 0)
    #expect(!world.server.requests.contains { Self.isDifference($0.path) })
    #expect(try world.published(world.connected) == withoutDifferences(world))
  }

  @Test func `those that are not there are neither absent files nor a fault`() async throws {
    let world = try World(differences: true)
    try world.configure(source: "diffs = true\nstrict = true", primaries: ["index/u1901g.xml"])
    let synced = try await world.sync("--json")
    #expect(synced.status == 0, "\(synced.errors)")
    let sources = synced.result["sources"] as? [[String: Any]]
    #expect(sources?.first?["absent"] as? Int == 0)
    // Each is asked for, and most are not there.
    let asked = world.server.requests.map(\.path).filter(Self.isDifference)
    let there = try World.files(below: world.folder["tree"])
    #expect(asked.filter { there[$0] == nil }.count > 100)
  }

  @Test func `why explains them by the file that they are of`() async throws {
    let world = try prepared()
    try await world.sync()
    let list = try #require(try lists(world).first { $0.hasPrefix("diffs/updates/") })
    let file = Self.file(of: list)
    func facts(_ path: String) async throws -> [String] {
      let why = try await world.run("why", "updates/\(path)", "--json", "--store", world.connected.string)
      let version = try #require((why.result["versions"] as? [[String: Any]])?.first, "\(path)")
      return [version["component"] as? String ?? "", version["namedBy"] as? String ?? ""]
    }
    let expected = try await facts(file)
    #expect(expected.allSatisfy { !$0.isEmpty })
    let difference = list.replacingOccurrences(of: "~", with: "").replacingOccurrences(of: ".diffs", with: ".d0")
    for path in ["\(file).klz", "\(file).dif", list, difference] { #expect(try await facts(path) == expected) }
  }

  @Test func `they cannot be verified, and are refused where that is required`() async throws {
    let world = try World(differences: true)
    let required = "vendor_signatures = \"required\""
    try world.configure(source: "diffs = true", rest: required, primaries: ["index/u1901g.xml"])
    let refused = try await world.sync()
    #expect(refused.status == Exit.notVerifiable)
    #expect(refused.errors.contains("diffs = false"))
    try world.configure(rest: required, primaries: ["index/u1901g.xml"])
    #expect(try await world.sync().status == 0)
  }

  // MARK: - Hostile servers

  /// A list that is refused, and what is said of it.
  static let refusedLists: [(bytes: [UInt8], reason: String)] = [
    (Array("\u{FEFF}../x\r\n".utf8), "outside its folder"),
    (Array("\u{FEFF}/etc/passwd\r\n".utf8), "outside its folder"),
    (Array("\u{FEFF}..\\x\r\n".utf8), "has the character"),
    (Array("\u{FEFF}..\r\n".utf8), "leave the root"),
    (Array("\u{FEFF}a\0b\r\n".utf8), "control character"),
    (Array(String(repeating: "n", count: 300).utf8), "too long"),
    (Array((0...1000).map { "n\($0)\r\n" }.joined().utf8), "too many lines"),
    ([UInt8](repeating: 0x6E, count: 300 << 10), "more than 262144 bytes"),
    ([0xFF, 0xFE] + "name\r\n".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }, "is not UTF-8"),
  ]

  @Test(arguments: 0..<refusedLists.count)
  func `a hostile list is kept out, told once, and does no harm`(_ number: Int) async throws {
    let (bytes, reason) = Self.refusedLists[number]
    let world = try prepared()
    let lists = try lists(world)
    let list = try #require(lists.first)
    world.server.answer { $0.path == list ? .bytes(bytes) : .file }
    let synced = try await world.sync("--quiet")
    #expect(synced.status == 0)
    #expect(synced.errors.contains(list) && synced.errors.contains(reason), "\(synced.errors)")
    #expect(!world.server.requests.contains { $0.path.contains("..") || $0.path.contains("passwd") })
    let known = Self.file(of: list)
    let expected = try world.expected().filter {
      !$0.key.hasPrefix("updates/diffs/") || Self.file(of: String($0.key.dropFirst(8))) != known
    }
    #expect(try world.published(world.connected) == expected)
    try world.age()
    let again = try await world.sync("--quiet")
    let isChanged = try World.files(below: world.folder["tree"])[known] != expected["updates/\(known)"]
    #expect(again.status == 0 && (isChanged || again.errors.isEmpty), "\(again.errors)")
  }

  @Test(arguments: ["", "\u{FEFF}"], ["\n", "\r\n"])
  func `a list without a mark or with other line ends is read all the same`(_ mark: String, _ end: String) async throws
  {
    let world = try prepared()
    let list = try #require(try lists(world).first)
    let names = [1, 2, 2, 3].map { "fresh\($0).abc" }
    for name in names.prefix(2) {
      try world.write(
        "KLD2 \(name)",
        to: world.folder["tree"].pushing(FilePath(list)).removingLastComponent().appending(name)
      )
    }
    // One of them twice, one that is not there, and one that is itself a list.
    let other = try #require(try lists(world).last?.split(separator: "/").last)
    try world.write(mark + (names + [String(other)]).map { $0 + end }.joined(), to: world.folder["tree/\(list)"])
    let synced = try await world.sync("--quiet")
    #expect(synced.status == 0 && synced.errors.isEmpty, "\(synced.errors)")
    let published = try world.published(world.connected)
    let folder = "updates/" + list.split(separator: "/").dropLast().joined(separator: "/")
    #expect(published["\(folder)/fresh1.abc"] == Data("KLD2 fresh1.abc".utf8))
    #expect(published["\(folder)/fresh2.abc"] != nil && published["\(folder)/fresh3.abc"] == nil)
    #expect(published["updates/\(list)"] == FileManager.default.contents(atPath: world.folder["tree/\(list)"].string))
    #expect(world.server.requests.filter { $0.path.hasSuffix("fresh2.abc") }.count == 1)
  }

  @Test func `of a server that has something for every name none is taken`() async throws {
    let world = try prepared()
    let there = Set(try World.files(below: world.folder["tree"]).keys)
    // Each answer another one, and none with the markup of a page.
    world.server.answer { request in
      Self.isDifference(request.path) && !there.contains(request.path)
        ? .bytes(Array("nothing here called \(request.path)".utf8)) : .file
    }
    let synced = try await world.sync("--quiet")
    #expect(synced.status == 0 && synced.errors.contains("which does not exist"), "\(synced.errors)")
    #expect(try world.published(world.connected) == withoutDifferences(world))
    // Once it says what it does not have, they are asked for.
    world.server.answer { _ in .file }
    try world.age()
    #expect(try await world.sync().status == 0)
    #expect(try world.published(world.connected).keys.contains(where: Self.isDifference))
  }

  @Test func `a difference file that is far larger than its file is kept out`() async throws {
    let world = try prepared()
    let twin = try #require(try world.expected().keys.filter { $0.hasSuffix(".dat.klz") }.min())
    let path = String(twin.dropFirst("updates/".count))
    world.server.answer { $0.path == path ? .bytes([UInt8](repeating: 0, count: 1 << 20)) : .file }
    let synced = try await world.sync("--quiet")
    #expect(synced.status == 0)
    #expect(synced.errors.contains("\(path) has more than"), "\(synced.errors)")
    #expect(try world.published(world.connected) == world.expected().filter { $0.key != twin })
  }

  @Test func `a sync that fails among them goes on from there`() async throws {
    let world = try prepared()
    world.server.answer { $0.path.hasSuffix(".klz") ? .status(503) : .file }
    #expect(try await world.sync().status == Exit.serverError)
    #expect(world.current(world.connected) == nil)
    world.server.answer { _ in .file }
    world.server.forgetRequests()
    #expect(try await world.sync().status == 0)
    #expect(try world.published(world.connected) == world.expected())
    let asked = world.server.requests.map(\.path)
    #expect(!asked.contains { $0.hasPrefix("updates/") && $0.hasSuffix(".dat") })
  }

  // MARK: - Switching

  @Test func `config check says whether they are mirrored`() async throws {
    let world = try prepared()
    func said() async throws -> Outcome {
      try await world.run("config", "check", "--config", world.configuration.string)
    }
    #expect(try await said().output.contains("with difference files"))
    try world.configure()
    #expect(try await !said().output.contains("difference files"))
  }

  @Test func `they come and go with the setting, without asking for files or waking the shrink guard`() async throws {
    let world = try World(differences: true)
    let guarded = "[sync]\nshrink_limit = 1"
    try world.configure(rest: guarded)
    try await world.sync()
    for isWanted in [true, false, true] {
      try world.configure(source: isWanted ? "diffs = true" : "", rest: guarded)
      world.server.forgetRequests()
      let synced = try await world.sync()
      #expect(synced.status == 0, "\(synced.errors)")
      #expect(try world.published(world.connected) == (isWanted ? world.expected() : withoutDifferences(world)))
      #expect(!world.server.requests.contains { $0.path.hasSuffix(".dat") })
    }
  }

  @Test func `the shrink guard stays awake when they are switched off`() async throws {
    let world = try prepared()
    try await world.sync()
    for path in try withoutDifferences(world).keys where path.hasPrefix("updates/updates/em") && path.hasSuffix(".dat")
    {
      let place = world.folder["tree"].pushing(FilePath(String(path.dropFirst("updates/".count))))
      try FileManager.default.removeItem(atPath: place.string)
    }
    try world.configure(rest: "[sync]\nshrink_limit = 3\nabsent_limit = 50")
    let refused = try await world.sync("--recheck")
    #expect(refused.status == Exit.shrunk, "\(refused.errors)")
    #expect(refused.errors.contains("files fell"))
    #expect(world.current(world.connected) == "releases/1")
  }
}
