import Foundation
import SystemPackage
import TestSupport
import Testing

/// `kscmirror publish` into moto's S3 server.
@Suite(.enabled(if: Bucket.isAvailable, Comment(rawValue: Bucket.absence)))
struct PublishTests {
  /// A world with a release, and a bucket for it.
  private func ground(open: Bool = false) async throws -> (World, Bucket) {
    let world = try World()
    let bucket = try await Bucket(open: open)
    try world.configure(rest: bucket.settings())
    #expect(try await world.sync().status == 0)
    return (world, bucket)
  }

  private func publish(_ world: World, _ more: String...) async throws -> Outcome {
    try await world.run(["publish", "--json", "--config", world.configuration.string] + more)
  }

  @Test func `a second release sends only what is new, and pruning keeps what a kept release names`() async throws {
    let (world, bucket) = try await ground()
    let dry = try await publish(world, "--dry-run")
    #expect(dry.status == 0, "\(dry.output)")
    #expect(try bucket.puts().isEmpty)

    let first = try await publish(world, "--verify", "100")
    #expect(first.status == 0, "\(first.output)")
    let objects = Set(try world.published(world.connected).values).count
    #expect(first.result["objects"] as? Int == objects)
    #expect(first.result["verified"] as? Int == objects)
    // All objects, the manifest, and last the pointer.
    let puts = try bucket.puts()
    #expect(puts.count == objects + 2)
    #expect(puts.last == "/mirror/a/b/current")

    let again = try await publish(world)
    #expect(again.status == 0)
    #expect(try bucket.puts().count == objects + 2)

    let old = Set(try world.published(world.connected).values)
    try world.age()
    #expect(try await world.sync().status == 0)
    let new = Set(try world.published(world.connected).values).subtracting(old).count
    #expect(new > 0 && new < objects)
    let second = try await publish(world, "--prune")
    #expect(second.status == 0, "\(second.output)")
    #expect(try bucket.puts().count == objects + 2 + new + 2)
    // One release is kept: now the manifest of the first goes, the next time what only that had.
    #expect(second.result["prunedReleases"] as? Int == 1)
    #expect(second.result["prunedObjects"] as? Int == 0)
    let third = try await publish(world, "--prune", "--verify", "100")
    #expect(third.status == 0, "\(third.output)")
    #expect(third.result["prunedObjects"] as? Int == old.subtracting(try world.published(world.connected).values).count)
    #expect(third.result["verified"] as? Int == Set(try world.published(world.connected).values).count)

    let log = try await world.run("log", "--config", world.configuration.string)
    #expect(log.output.contains("publish ok: release 2 was published to \(bucket.url)/mirror/a/b/"))
    #expect(log.output.contains("1 release and 0 objects were removed from \(bucket.url)/mirror/a/b/"))
    #expect(!log.output.contains(bucket.secret))
  }

  @Test func `two that publish at once do so one after the other`() async throws {
    let (world, bucket) = try await ground()
    let runs = try (0..<2).map { _ in try world.start(["publish", "--config", world.configuration.string]) }
    for run in runs {
      let outcome = try await run.outcome()
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let objects = Set(try world.published(world.connected).values).count
    #expect(try bucket.puts().count == objects + 2)
  }

  @Test func `a run that is killed leaves the old pointer, and the next one sends the rest`() async throws {
    let (world, bucket) = try await ground()
    let run = try world.start(["publish", "--config", world.configuration.string])
    while run.process.isRunning, try bucket.puts().count < 10 { usleep(1000) }
    run.process.kill(SIGKILL)
    _ = try await run.outcome()
    let sent = try bucket.puts()
    let wasKilledInTime = !sent.contains("/mirror/a/b/current")
    let next = try await publish(world, "--verify", "100")
    #expect(next.status == 0, "\(next.output)")
    let objects = Set(try world.published(world.connected).values).count
    if wasKilledInTime {
      // What was under way when the run was killed may have come or not.
      let rest = try #require(next.result["objects"] as? Int)
      #expect(rest < objects && rest >= objects - sent.count - 8)
    }
    #expect(next.result["verified"] as? Int == objects)
  }

  @Test func `wrong credentials, a bucket that is not there, and a server that is gone are told apart`() async throws {
    let (world, bucket) = try await ground()
    try world.configure(rest: bucket.settings(secret: "wrong"))
    let denied = try await publish(world)
    #expect(denied.status == Exit.permission)
    #expect(denied.output.contains("SignatureDoesNotMatch"))
    #expect(!denied.output.contains(bucket.secret))
    try world.configure(rest: bucket.settings(name: "other"))
    let missing = try await publish(world)
    #expect(missing.status == Exit.notOnServer)
    #expect(missing.output.contains("there is no bucket 'other'"))
    try world.configure(rest: bucket.settings(url: "http://127.0.0.1:1"))
    #expect(try await publish(world).status == Exit.noServer)
    try world.configure(rest: bucket.settings().replacingOccurrences(of: "allow_http = true", with: ""))
    #expect(try await publish(world).status == Exit.configuration)
    #expect(try bucket.puts().isEmpty)
  }

  @Test(.enabled(if: NginxServer.isInstalled, Comment(rawValue: NginxServer.absence)))
  func `over TLS only a server that is trusted, or has the key that was named, gets anything`() async throws {
    let (world, bucket) = try await ground()
    let front = try NginxServer(
      serving: world.folder.path,
      identity: try world.authority.issue("localhost"),
      settings: """
        client_max_body_size 0; client_body_temp_path "\(world.folder["bodies"])";
        location / { proxy_pass \(bucket.url); proxy_set_header Host $http_host; proxy_request_buffering off;
          proxy_http_version 1.1; }
        """
    )
    func configure(_ trust: String) throws {
      let settings = try bucket.settings(url: "https://localhost:\(front.port)")
      try world.configure(rest: settings.replacingOccurrences(of: "allow_http = true", with: trust))
    }
    try configure("")
    let stranger = try await publish(world)
    #expect(stranger.status == Exit.notTrusted, "\(stranger.output)")
    let ca = "ca = \"\(world.authority.certificate)\""
    let other = "pin = \"sha256//\(Data(repeating: 7, count: 32).base64EncodedString())\""
    try configure("\(ca)\n\(other)")
    let pinned = try await publish(world)
    #expect(pinned.status == Exit.notTrusted, "\(pinned.output)")
    #expect(try bucket.puts().isEmpty)
    try configure(ca)
    let trusted = try await publish(world, "--verify", "100")
    #expect(trusted.status == 0, "\(trusted.output)")
    #expect(try bucket.puts().last == "/mirror/a/b/current")
  }

  @Test(.enabled(if: NginxServer.isInstalled, Comment(rawValue: NginxServer.absence)))
  func `nginx gives updaters plain paths of the bucket's current release`() async throws {
    let (world, bucket) = try await ground(open: true)
    let map = world.folder["objects.map"]
    for round in 1...2 {
      let outcome = try await publish(world, "--nginx-map", map.string)
      #expect(outcome.status == 0, "\(outcome.output)")
      let server = try front(bucket, map, world)
      let published = try world.published(world.connected)
      for (path, bytes) in published {
        let place = world.folder["got"]
        try Command.run("curl", ["-sf", "-o", place.string, "http://127.0.0.1:\(server.port)/\(path)"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: place.string)) == bytes, "\(path), release \(round)")
      }
      let missing = try Command.run(
        "curl",
        ["-s", "-o", "/dev/null", "-w", "%{http_code}", "http://127.0.0.1:\(server.port)/updates/none"]
      )
      #expect(missing == "404")
      server.stop()
      try world.age()
      #expect(try await world.sync().status == 0)
    }
  }

  private func front(_ bucket: Bucket, _ map: FilePath, _ world: World) throws -> NginxServer {
    let shipped = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
      .pushing("Mirror/nginx/bucket.conf")
    return try NginxServer(
      serving: world.folder.path,
      identity: nil,
      settings: "set $kscmirror_bucket \(bucket.url); include \"\(shipped)\";",
      outside: """
        map_hash_max_size 262144; map_hash_bucket_size 512;
        map $uri $kscmirror_object { default ""; include "\(map)"; }
        """
    )
  }
}

/// moto's S3 server with a bucket `mirror`. It ends with this object.
final class Bucket {
  /// Whether there is a Python that has moto.
  static let isAvailable =
    Python.path.map { (try? Command.run($0, ["-c", "import moto.server, boto3"])) != nil } ?? false
  /// Why a test is skipped without one.
  static let absence = "needs KSCMIRROR_PYTHON with moto[server], as 'Mirror/conformance --python' prints it"

  let url: String
  let secret: String
  private let key: String
  private let folder = TemporaryFolder()
  private let process: ChildProcess

  private struct Ready: Decodable {
    let url: String
    let key: String
    let secret: String
  }

  /// Starts it and waits until it is ready.
  init(open: Bool) async throws {
    let script = FilePath(#filePath).removingLastComponent().removingLastComponent()
      .pushing("Interoperability/bucket.py")
    let ready = folder["ready"]
    process = try ChildProcess(
      try #require(Python.path),
      [script.string, ready.string] + (open ? ["--open"] : []),
      errors: folder["log"]
    )
    while process.isRunning, !FileManager.default.fileExists(atPath: ready.string) {
      try await Task.sleep(for: .milliseconds(50))
    }
    guard let bytes = FileManager.default.contents(atPath: ready.string) else {
      let said = (try? String(contentsOfFile: folder["log"].string, encoding: .utf8)) ?? ""
      throw World.Failure(description: "moto does not start: \(said)")
    }
    let facts = try JSONDecoder().decode(Ready.self, from: bytes)
    (url, key, secret) = (facts.url, facts.key, facts.secret)
  }

  deinit {
    process.kill(SIGKILL)
    process.wait()
  }

  /// What a configuration says of it.
  func settings(url: String? = nil, name: String = "mirror", secret: String? = nil) throws -> String {
    let file = folder["credentials"]
    let text = "[default]\naws_access_key_id = \(key)\naws_secret_access_key = \(secret ?? self.secret)\n"
    try Data(text.utf8).write(to: URL(fileURLWithPath: file.string), options: .atomic)
    return """
      [publish]
      endpoint = "\(url ?? self.url)"
      allow_http = true
      bucket = "\(name)"
      prefix = "a/b"
      credentials_file = "\(file)"
      attempts = 2
      keep = 1
      """
  }

  /// The paths of all objects that were put into it, in order.
  func puts() throws -> [String] {
    try String(contentsOfFile: folder["log"].string, encoding: .utf8).split(separator: "\n").compactMap { line in
      guard let start = line.range(of: "PUT /mirror/") else { return nil }
      return line[start.lowerBound...].split(separator: " ").dropFirst().first.map(String.init)
    }
  }
}
