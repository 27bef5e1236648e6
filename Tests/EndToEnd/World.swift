import Foundation
import SystemPackage
import TestSupport
import UpdateServerDouble

/// How a run of the program ended, and what it said.
struct Outcome {
  let status: Int32
  let output: String
  let errors: String

  /// The objects that were written as JSON, one a line.
  var json: [[String: Any]] {
    output.split(separator: "\n").compactMap {
      (try? JSONSerialization.jsonObject(with: Data($0.utf8))) as? [String: Any]
    }
  }

  /// The result among them.
  var result: [String: Any] { json.compactMap { $0["result"] as? [String: Any] }.last ?? [:] }
}

/// An update server with a little tree, a connected store, a stick and an isolated store; and the built program.
final class World {
  let folder = TemporaryFolder()
  let authority: TestAuthority
  let server: UpdateServer
  private(set) var tree: UpdateTree
  private let isTrusting: Bool

  /// The program under test: built beside the tests.
  static let program = built("kscmirror")

  /// Where a program lies that was built beside the tests.
  static func built(_ name: String) -> String {
    FilePath(CommandLine.arguments[0]).removingLastComponent().appending(name).string
  }

  /// All primary indexes of the made-up tree.
  static let primaries = ["index/u1901g.xml", "index/u1313g.xml", "index/u0607g.xml"]

  /// - Parameters:
  ///   - trusting: whether the isolated side is told whom to trust before its first import.
  ///   - differences: whether the server has difference files beside a part of its files.
  ///   - applications: whether its tree has components for single applications.
  ///   - firstDay: the tree's first day, in seconds since 1970; `nil`: some day in 2025.
  ///   - whole: whether its tree has all that a real one has.
  init(
    files: Int = 120,
    meanSize: Int = 3000,
    seed: UInt64 = 1,
    trusting: Bool = true,
    differences: Bool = false,
    applications: Bool = false,
    firstDay: Int64? = nil,
    whole: Bool = false
  ) throws {
    isTrusting = trusting
    authority = try TestAuthority.copy(to: folder["authority"])
    tree = try UpdateTree.copy(
      to: folder["tree"],
      files: files,
      meanSize: meanSize,
      seed: seed,
      differences: differences,
      applications: applications,
      firstDay: firstDay ?? 1_762_819_200,
      whole: whole
    )
    server = try UpdateServer(serving: folder["tree"], identity: try authority.issue("localhost"))
    for name in ["stick", "temporary"] {
      try FileManager.default.createDirectory(atPath: folder[name].string, withIntermediateDirectories: true)
    }
    try configure()
    try configureIsolated()
  }

  deinit { server.stop() }

  /// Writes the configuration.
  ///
  /// - Parameters:
  ///   - source: more lines for the source.
  ///   - rest: whole tables.
  ///   - url: the server's address.
  ///   - servers: several servers, as the setting has them.
  ///   - primaries: the primary indexes; `nil` leaves them out.
  func configure(
    source: String = "",
    rest: String = "",
    url: String? = nil,
    servers: String? = nil,
    primaries: [String]? = World.primaries,
    trusted: Bool = true
  ) throws {
    let indexes = primaries.map { "indexes = [" + $0.map { "\"\($0)\"" }.joined(separator: ", ") + "]" } ?? ""
    let text = """
      store = "\(connected)"
      \(vendorSetting)
      \(rest.hasPrefix("[") ? "" : rest)
      [[source]]
      name = "kaspersky"
      kind = "kaspersky"
      servers = \(servers ?? "[\"\(url ?? server.url)\"]")
      \(indexes)
      \(trusted ? "ca = \"\(authority.certificate)\"" : "")
      attempts = 2
      \(source)
      \(rest.hasPrefix("[") ? rest : "")
      """
    try write(text, to: configuration)
  }

  /// Writes the configuration of the isolated side.
  ///
  /// - Parameter rest: more lines.
  func configureIsolated(_ rest: String = "") throws {
    try write("store = \"\(isolated)\"\n\(vendorSetting)\n\(rest)\n", to: isolatedConfiguration)
  }

  /// The setting by which the made-up vendor is trusted.
  var vendorSetting: String { Self.vendorSetting(tree.signer.intermediates) }

  static func vendorSetting(_ keys: [String]) -> String {
    "vendor_intermediates = [" + keys.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
  }

  var configuration: FilePath { folder["kscmirror.toml"] }
  var isolatedConfiguration: FilePath { folder["isolated.toml"] }
  var connected: FilePath { folder["connected"] }
  var isolated: FilePath { folder["isolated"] }
  var stick: FilePath { folder["stick"] }

  func age() throws { try tree.age() }

  /// See ``UpdateTree/retire(_:)``.
  func retire(_ components: String...) throws { try tree.retire(components) }

  /// The beginning of this day, in seconds since 1970.
  static var today: Int64 { Int64(Date().timeIntervalSince1970) / 86_400 * 86_400 }

  // MARK: - Runs

  @discardableResult
  func run(_ arguments: String...) async throws -> Outcome { try await run(arguments) }

  /// Whether the program can be told another time than the true one.
  static let canShiftClock = Command.path(of: "faketime") != nil

  /// Runs the program to its end.
  ///
  /// - Parameters:
  ///   - clock: how far its clock is from the true time, as faketime takes it, such as `+40d`.
  ///   - program: another program than the one under test.
  ///   - variables: further variables of its environment.
  func run(
    _ arguments: [String],
    clock: String? = nil,
    program: String = World.program,
    variables: [String: String] = [:]
  ) async throws -> Outcome {
    await Turnstile.shared.enter()
    do {
      let outcome = try await start(arguments, clock: clock, program: program, variables: variables).outcome()
      await Turnstile.shared.leave()
      return outcome
    } catch {
      await Turnstile.shared.leave()
      throw error
    }
  }

  /// A run that is under way.
  struct Running {
    let process: ChildProcess
    fileprivate let output: FilePath
    let errors: FilePath

    /// Waits for its end: how it ended and what it said. A signal counts as a negative status.
    func outcome() async throws -> Outcome {
      let status: Int32 =
        switch await process.ending() {
        case .exit(let status): status
        case .signal(let signal): -signal
        }
      let outcome = Outcome(
        status: status,
        output: try String(contentsOfFile: output.string, encoding: .utf8),
        errors: try String(contentsOfFile: errors.string, encoding: .utf8)
      )
      DocumentedResults.expectDocumented(outcome.json)
      return outcome
    }
  }

  func start(
    _ arguments: [String],
    clock: String? = nil,
    program: String = World.program,
    variables: [String: String] = [:]
  ) throws -> Running {
    let name = UUID().uuidString
    let (output, errors) = (folder["temporary/\(name).out"], folder["temporary/\(name).err"])
    // Waiting is for true seconds.
    var environment = ["PATH": "/usr/bin:/bin", "TZ": "UTC", "FAKETIME_DONT_FAKE_MONOTONIC": "1"]
    // Who names only a store still trusts the made-up vendor.
    environment.merge(variables) { $1 }
    if arguments.contains("--store") { environment["KSCMIRROR_CONFIG"] = isolatedConfiguration.string }
    let words = clock.map { [Command.path(of: "faketime") ?? "faketime", "-f", $0, program] } ?? [program]
    let process = try ChildProcess(
      words[0],
      words.dropFirst() + arguments,
      output: output,
      errors: errors,
      environment: environment
    )
    return Running(process: process, output: output, errors: errors)
  }

  @discardableResult
  func sync(_ more: String...) async throws -> Outcome {
    try await run(["sync", "--config", configuration.string] + more)
  }

  @discardableResult
  func pack(_ more: String..., to place: FilePath? = nil) async throws -> Outcome {
    try await pack(more, to: place ?? stick)
  }

  /// Packs; for a site, whether it is known yet or not.
  @discardableResult
  func pack(_ more: [String], to place: FilePath) async throws -> Outcome {
    try await makeKeys()
    let new = more.contains("--site") && !more.contains("--new-site") ? ["--new-site"] : []
    return try await run(["pack", "--config", configuration.string, "--output", place.string] + more + new)
  }

  @discardableResult
  func `import`(_ more: String..., from place: FilePath? = nil) async throws -> Outcome {
    if isTrusting { try await trust() }
    return try await run(["import", "--config", isolatedConfiguration.string, (place ?? stick).string] + more)
  }

  // MARK: - Keys and trust

  /// The first root of the connected side.
  var firstRoot: FilePath { connected.appending("metadata").appending("1.root.json") }

  /// Makes the keys of the connected side, unless it has some.
  func makeKeys() async throws {
    guard !FileManager.default.fileExists(atPath: connected.appending("keys").string) else { return }
    let made = try await run("keys", "init", "--no-passphrase", "--store", connected.string)
    guard made.status == 0 else { throw Failure(description: made.errors) }
  }

  /// Has the isolated side trust the connected side's root, unless it trusts one.
  func trust() async throws {
    guard !FileManager.default.fileExists(atPath: isolated.appending("trust").string) else { return }
    try await makeKeys()
    let keys = try await keys()
    let words = ["trust", "add", keys.file, "--fingerprint", keys.fingerprint]
    let added = try await run(words + ["--config", isolatedConfiguration.string])
    guard added.status == 0 else { throw Failure(description: added.errors) }
  }

  /// The file of the connected side's root, and its fingerprint, as it is read over a telephone.
  private func keys() async throws -> (file: String, fingerprint: String) {
    let keys = try await run("keys", "show", "--json", "--store", connected.string)
    guard let groups = keys.result["fingerprint"] as? [String], let file = keys.result["rootFile"] as? String else {
      throw Failure(description: keys.output)
    }
    return (file, groups.joined(separator: " "))
  }

  /// The fingerprint of the connected side's root.
  func fingerprint() async throws -> String { try await keys().fingerprint }

  /// Has the connected side take in what the site has left on the stick, with the site's fingerprint.
  func introduceSite() async throws -> Outcome {
    let shown = try await run("trust", "show", "--json", "--store", isolated.string)
    guard let groups = shown.result["siteFingerprint"] as? [String] else { throw Failure(description: shown.output) }
    let digits = groups.joined(separator: " ")
    return try await run("collect", stick.string, "--fingerprint", digits, "--config", configuration.string)
  }

  /// What a world could not be made ready for.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  // MARK: - Bundles

  /// The folder of a snapshot's full bundle on the stick, whoever it is for.
  func bundle(_ snapshot: Int, at place: FilePath? = nil) -> FilePath {
    let digits = String(snapshot)
    let (folder, name) = (place ?? stick, "kscmirror-" + String(repeating: "0", count: 6 - digits.count) + digits)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.string)) ?? []
    let found = names.contains(name) ? name : names.filter { $0.hasPrefix("\(name)-for-") }.sorted().first
    return folder.appending(found ?? name)
  }

  /// The files of a bundle's volumes, in the order of the volumes.
  func volumes(_ snapshot: Int) throws -> [FilePath] {
    let folder = bundle(snapshot).appending("data").appending("volumes")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.string)
    return VolumeFiles.sorted(names).map { folder.appending($0) }
  }

  /// The files of a bundle's metadata.
  func metadata(_ snapshot: Int) throws -> [FilePath] {
    let folder = bundle(snapshot).appending("data").appending("metadata")
    return try FileManager.default.contentsOfDirectory(atPath: folder.string).sorted().map { folder.appending($0) }
  }

  /// A file of a bundle's metadata.
  func metadataFile(_ snapshot: Int, _ name: String) -> FilePath {
    bundle(snapshot).appending("data").appending("metadata").appending(name)
  }

  /// Empties the stick.
  func emptyStick() throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: stick.string) {
      try FileManager.default.removeItem(atPath: stick.appending(name).string)
    }
  }

  // MARK: - Files

  func write(_ text: String, to path: FilePath) throws {
    try FileManager.default.createDirectory(
      atPath: path.removingLastComponent().string,
      withIntermediateDirectories: true
    )
    try Data(text.utf8).write(to: URL(fileURLWithPath: path.string), options: .atomic)
  }

  /// All files below a folder, by path, with their bytes; links to folders are followed at the top only.
  static func files(below root: FilePath) throws -> [String: Data] {
    let top = URL(fileURLWithPath: root.string).resolvingSymlinksInPath()
    var found: [String: Data] = [:]
    guard let walk = FileManager.default.enumerator(at: top, includingPropertiesForKeys: [.isRegularFileKey]) else {
      return found
    }
    for case let file as URL in walk where try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true {
      found[String(file.path.dropFirst(top.path.count + 1))] = try Data(contentsOf: file)
    }
    return found
  }

  /// The published files of a store.
  func published(_ store: FilePath) throws -> [String: Data] { try Self.files(below: store.appending("current")) }

  /// Where a store's `current` leads.
  func current(_ store: FilePath) -> String? {
    try? FileManager.default.destinationOfSymbolicLink(atPath: store.appending("current").string)
  }

  /// The tree as it should be published: all but its state, with the name that the index writes in capitals.
  func expected() throws -> [String: Data] {
    var files: [String: Data] = [:]
    for (path, data) in try Self.files(below: folder["tree"]) where !path.hasPrefix(".") && !path.contains("/kuuc/") {
      let name = path == "bases/kdb/licensemanager.lt" ? "bases/kdb/LicenseManager.lt" : path
      files["updates/\(name)"] = data
    }
    return files
  }
}

/// Lets a few runs of the program through at a time: with all tests' at once each would take for ever.
private actor Turnstile {
  static let shared = Turnstile()
  private var free = 4
  private var waiting: [CheckedContinuation<Void, Never>] = []

  func enter() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  func leave() {
    if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
  }
}
