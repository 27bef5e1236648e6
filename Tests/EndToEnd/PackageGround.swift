import Foundation
import SystemPackage
import TestSupport
import Testing

/// A connected store with files of a test's own below `packages/`, as a source of kind `files` brings them.
final class PackageGround {
  let world: World
  private var releases = 0

  init() throws { world = try World(files: 20) }

  /// Puts exactly these files, by their paths below `packages/`, into the next release.
  ///
  /// - Parameter digests: the SHA-256 that the configuration names for some of them.
  func release(_ files: [String: Data], digests: [String: String] = [:]) async throws {
    releases += 1
    // Addresses of their own: what the sync knows of the last release's files is of no use.
    let folder = "release-\(releases)"
    var entries: [String] = []
    for (path, bytes) in files.sorted(by: { $0.key < $1.key }) {
      let place = world.folder["tree/\(folder)/\(path)"]
      try FileManager.default.createDirectory(
        atPath: place.removingLastComponent().string,
        withIntermediateDirectories: true
      )
      try bytes.write(to: URL(fileURLWithPath: place.string))
      let address = try #require(path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed))
      let url = "\(world.server.url)/\(folder)/\(address)"
      entries.append(
        "[[source.files]]\nurl = \"\(url)\"\npath = \"\(path)\""
          + (digests[path].map { "\nsha256 = \"\($0)\"" } ?? "")
      )
    }
    let head = "[[source]]\nname = \"packages\"\nkind = \"files\"\nca = \"\(world.authority.certificate)\"\n"
    try world.configure(rest: head + entries.joined(separator: "\n"))
    try await world.makeKeys()
    let outcome = try await world.sync()
    guard outcome.status == 0 else { throw TestFailure(outcome.errors) }
  }

  /// Puts all files below a folder into the next release, below `packages/NAME/`.
  func release(folder: FilePath, as name: String) async throws {
    let files = try World.files(below: folder)
    try await release(Dictionary(uniqueKeysWithValues: files.map { ("\(name)/\($0.key)", $0.value) }))
  }

  /// Starts `kscmirror serve` over HTTPS, with an access log.
  func serve() throws -> WebStoreGround {
    let identity = try world.authority.issue("localhost")
    return try WebStoreGround(world, world.connected, identity, "--access-log", log.string)
  }

  private var log: FilePath { world.folder["access.log"] }

  /// Waits until the server gives the release that is current.
  func waitUntilServed(by server: WebStoreGround) async throws {
    let current = try #require(world.current(world.connected)).split(separator: "/").last.map(String.init) ?? ""
    for _ in 0..<600 {
      let said = try Command.run("curl", ["-sf", "--cacert", authority, "\(server.url)/api/v1/status"])
      if said.contains("\"number\":\(current),") { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw TestFailure("release \(current) is never served")
  }

  /// The path of the authority's certificate.
  var authority: String { world.authority.certificate.string }

  /// Stops the server and tells what it answered: the path, the status and the bytes of each answer.
  func stop(_ server: WebStoreGround) async throws -> [Answer] {
    #expect(try await server.stop() == 0)
    return try String(contentsOfFile: log.string, encoding: .utf8).split(separator: "\n").compactMap { line in
      let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
      let (request, figures) = (parts[1].split(separator: " "), parts[2].split(separator: " "))
      guard request.count == 3, figures.count == 2 else { return nil }
      return Answer(path: String(request[1]), status: Int(figures[0]) ?? 0, bytes: Int(figures[1]) ?? 0)
    }
  }

  /// A line of the access log.
  struct Answer: Hashable, CustomStringConvertible {
    let path: String
    let status: Int
    let bytes: Int
    var description: String { "\(status) \(path) \(bytes)" }
  }
}

/// A program that was run to its end, whatever came of it.
struct ForeignRun {
  let status: Int32
  /// What it said, on both ways out.
  let said: String

  /// Runs a program, in a folder of its own choice and with more in its environment.
  static func run(
    _ program: String,
    _ arguments: [String],
    in folder: FilePath,
    environment: [String: String] = [:]
  ) async throws -> ForeignRun {
    let files = TemporaryFolder()
    let process = try ChildProcess(
      "/bin/sh",
      ["-c", "cd \"$0\" && exec \"$@\" 2>&1", folder.string, try #require(Command.path(of: program))] + arguments,
      output: files["said"],
      environment: ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8", "TZ": "UTC"].merging(environment) {
        $1
      }
    )
    let ending = await process.ending()
    let said = String(decoding: try Data(contentsOf: URL(fileURLWithPath: files["said"].string)), as: UTF8.self)
    guard case .exit(let status) = ending else { throw TestFailure("\(program) ended with \(ending): \(said)") }
    return ForeignRun(status: status, said: said)
  }
}
