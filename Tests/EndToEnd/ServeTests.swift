import Crypto
import Foundation
import SystemPackage
import TestSupport
import Testing

/// `kscmirror serve` and `import --rehearse`, with real clients.
struct ServeTests {
  /// A world whose connected store is signed and published, and a server on it.
  private func served(_ world: World, _ more: String...) async throws -> WebStoreGround {
    try await world.makeKeys()
    #expect(try await world.sync().status == 0)
    return try WebStoreGround(world, world.connected, try world.authority.issue("localhost"))
  }

  /// Writes what makes curl get each path into a file of its own.
  private func list(_ paths: [String], _ base: String, _ folder: FilePath, _ place: FilePath) throws {
    let text = paths.enumerated().map { position, path in
      "url = \"\(base)/\(path)\"\noutput = \"\(folder)/\(position)\"\n"
    }
    try Data(text.joined().utf8).write(to: URL(fileURLWithPath: place.string))
  }

  // MARK: - Its start

  @Test(.timeLimit(.minutes(45))) func `it says when it is ready, what it serves and where, and is quiet if told so`()
    async throws
  {
    let world = try World()
    try await world.makeKeys()
    /// What it says until it is ended, once it answers.
    func said(_ more: String...) async throws -> String {
      let port = try Loopback.freePort()
      let running = try world.start(
        ["serve", "--store", world.connected.string, "--http", "127.0.0.1:\(port)"] + more
      )
      while running.process.isRunning, !Loopback.answers(port) { try await Task.sleep(for: .milliseconds(20)) }
      if more.isEmpty {
        // The line comes by itself, not with the end.
        var text = ""
        while running.process.isRunning, !text.contains("ready since") {
          try await Task.sleep(for: .milliseconds(20))
          text = (try? String(contentsOfFile: running.errors.string, encoding: .utf8)) ?? ""
        }
        #expect(text.contains("http on 127.0.0.1, port \(port)\n"), "\(text)")
      }
      running.process.kill(SIGTERM)
      let outcome = try await running.outcome()
      #expect(outcome.status == 0)
      return outcome.errors
    }
    let empty = try await said()
    #expect(empty.contains("serving nothing yet: no release is published there, from "), "\(empty)")
    #expect(try await world.sync().status == 0)
    let files = try world.published(world.connected).count
    let full = try await said()
    #expect(full.contains("serving release 1 with \(files) files, from "), "\(full)")
    let quiet = try await said("--quiet")
    #expect(quiet.isEmpty, "\(quiet)")
  }

  // MARK: - Clients

  @Test(arguments: ["--http1.1", "--http2"])
  func `curl gets the whole tree, many files at once`(version: String) async throws {
    let world = try World()
    let server = try await served(world)
    let published = try world.published(world.connected)
    let paths = published.keys.sorted()
    let got = try world.folder.subfolder("got")
    try list(paths, server.url, got, world.folder["list"])
    try Command.run(
      "curl",
      ["-sf", version, "--cacert", world.authority.certificate.string, "--parallel", "--parallel-max", "20"]
        + ["-K", world.folder["list"].string]
    )
    for (position, path) in paths.enumerated() {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: got.appending("\(position)").string))
      #expect(bytes == published[path].map { Data($0) }, "\(path)")
    }
    #expect(try await server.stop() == 0)
  }

  @Test(.enabled(if: Command.path(of: "aria2c") != nil, "needs aria2c (apt install aria2)"))
  func `aria2 gets a large file in 16 ranges`() async throws {
    let world = try World()
    let large = Data((0..<24_000_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 11) })
    let server = try await servedWithPackage(large, world)
    try Command.run(
      "aria2c",
      ["-q", "-x", "16", "-s", "16", "-k", "1M", "--ca-certificate", world.authority.certificate.string]
        + ["-d", world.folder.path.string, "-o", "got", "\(server.url)/packages/large.bin"]
    )
    #expect(try Data(contentsOf: URL(fileURLWithPath: world.folder["got"].string)) == large)
    #expect(try await server.stop() == 0)
  }

  @Test func `an interrupted download goes on where it ended`() async throws {
    let world = try World()
    let large = Data((0..<8_000_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 11) })
    let server = try await servedWithPackage(large, world)
    let place = world.folder["got"]
    try large.prefix(3_000_000).write(to: URL(fileURLWithPath: place.string))
    let sizes = try Command.run(
      "curl",
      ["-sf", "-C", "-", "--cacert", world.authority.certificate.string, "-o", place.string]
        + ["-w", "%{http_code} %{size_download}", "\(server.url)/packages/large.bin"]
    )
    #expect(sizes == "206 5000000")
    #expect(try Data(contentsOf: URL(fileURLWithPath: place.string)) == large)
    #expect(try await server.stop() == 0)
  }

  @Test(.enabled(if: Command.path(of: "wget2") != nil, "needs wget2 (apt install wget2)"))
  func `wget2 asks only for what has changed`() async throws {
    let world = try World()
    let server = try await served(world)
    let path = "updates/index/u1901g.xml"
    let arguments =
      ["-q", "-N", "--ca-certificate", world.authority.certificate.string, "-P", world.folder.path.string]
      + ["\(server.url)/\(path)"]
    try Command.run("wget2", arguments)
    let got = world.folder["u1901g.xml"]
    let first = try Data(contentsOf: URL(fileURLWithPath: got.string))
    #expect(try world.published(world.connected)[path].map { Data($0) } == first)
    try world.age()
    #expect(try await world.sync().status == 0)
    try await until {
      try Command.run("wget2", arguments)
    } holds: {
      try Data(contentsOf: URL(fileURLWithPath: got.string)) != first
    }
    #expect(
      try world.published(world.connected)[path].map { Data($0) } == Data(contentsOf: URL(fileURLWithPath: got.string))
    )
    #expect(try await server.stop() == 0)
  }

  /// A signed store that takes its updates from the one that `outer` serves.
  private func inner(
    _ name: String,
    _ outer: WebStoreGround,
    _ root: FilePath,
    _ world: World
  ) async throws -> FilePath {
    let store = world.folder[name]
    let configuration = world.folder["\(name).toml"]
    let text = """
      store = "\(store)"
      \(world.vendorSetting)
      [[source]]
      name = "upstream"
      kind = "tuf"
      url = "\(outer.url)"
      root = "\(root.appending("metadata").appending("1.root.json"))"
      ca = "\(world.authority.certificate)"
      """
    try world.write(text, to: configuration)
    #expect(try await world.run("keys", "init", "--no-passphrase", "--store", store.string).status == 0)
    let synced = try await world.run("sync", "--config", configuration.string)
    #expect(synced.status == 0, "\(synced.errors)")
    return store
  }

  @Test func `the third store in a row has the first one's files, and its journal names each hop`() async throws {
    let world = try World()
    let first = try await served(world)
    let second = try await inner("second", first, world.connected, world)
    let between = try WebStoreGround(world, second, try world.authority.issue("localhost"))
    let third = try await inner("third", between, second, world)
    #expect(try world.published(third) == world.published(world.connected))
    let log = try await world.run("log", "--config", world.folder["third.toml"].string)
    #expect(log.status == 0)
    for url in [first.url, between.url] { #expect(log.output.contains("snapshot 1 of \(url)"), "\(log.output)") }
    let timestamp = try Data(
      contentsOf: URL(fileURLWithPath: second.appending("metadata").appending("timestamp.json").string)
    )
    let digest = SHA256.hash(data: timestamp).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    #expect(log.output.contains(digest), "\(log.output)")
    #expect(try await between.stop() == 0)
    #expect(try await first.stop() == 0)
  }

  @Test func `a store in a DMZ mirrors what is served, by the signed metadata`() async throws {
    let world = try World()
    let server = try await served(world)
    let configuration = """
      store = "\(world.folder["dmz"])"
      \(world.vendorSetting)
      [[source]]
      name = "upstream"
      kind = "tuf"
      url = "\(server.url)"
      root = "\(world.firstRoot)"
      ca = "\(world.authority.certificate)"
      attempts = 1
      """
    try world.write(configuration, to: world.folder["dmz.toml"])
    for _ in 0..<2 {
      let outcome = try await world.run("sync", "--config", world.folder["dmz.toml"].string)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(try world.published(world.folder["dmz"]) == world.published(world.connected))
      try world.age()
      try await world.sync()
    }
    #expect(try await server.stop() == 0)
  }

  @Test(.enabled(if: Command.path(of: "openssl") != nil, "needs openssl"))
  func `a made certificate is good for localhost, and its pin is reported`() async throws {
    let world = try World()
    #expect(try await world.sync().status == 0)
    let port = try Loopback.freePort()
    let running = try world.start(
      ["serve", "--store", world.connected.string, "--self-signed", "--listen", "127.0.0.1:\(port)"]
    )
    while running.process.isRunning, !Loopback.answers(port) { usleep(20_000) }
    let shown = world.folder["shown.pem"].string
    try Command.run(
      "sh",
      ["-c", "openssl s_client -connect 127.0.0.1:\(port) </dev/null 2>/dev/null | openssl x509 >\"$0\"", shown]
    )
    // It is its own authority.
    let url = "https://localhost:\(port)/"
    #expect(try Command.run("curl", ["-sf", "--cacert", shown, url]).contains("Web store"))
    let pin = try TestAuthority.pin(of: FilePath(shown))
    running.process.kill(SIGTERM)
    let outcome = try await running.outcome()
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains(pin), "\(outcome.errors)")
  }

  @Test(arguments: ["--http1.1", "--http2"])
  func `told to end, it finishes the answers that are under way`(version: String) async throws {
    let world = try World()
    let large = Data((0..<24_000_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 11) })
    let server = try await servedWithPackage(large, world)
    let (place, authority) = (world.folder["got"].string, world.authority.certificate.string)
    let url = "\(server.url)/packages/large.bin"
    let client = Task {
      try await onItsOwnThread {
        try Command.run("curl", ["-sf", version, "--limit-rate", "8M", "--cacert", authority, "-o", place, url])
      }
    }
    try await until {
    } holds: {
      (try? FileManager.default.attributesOfItem(atPath: place)[.size] as? Int) ?? 0 > 0
    }
    #expect(try await server.stop() == 0)
    _ = try await client.value
    #expect(try Data(contentsOf: URL(fileURLWithPath: place)) == large)
  }

  /// A world with a file below `packages/`.
  private func servedWithPackage(_ bytes: Data, _ world: World) async throws -> WebStoreGround {
    try bytes.write(to: URL(fileURLWithPath: world.folder["tree/large.bin"].string))
    try world.configure(
      rest: """
        [[source]]
        name = "packages"
        kind = "files"
        ca = "\(world.authority.certificate)"
        [[source.files]]
        url = "\(world.server.url)/large.bin"
        path = "large.bin"
        """
    )
    return try await served(world)
  }

  /// Does something again and again until a condition holds, for two minutes at the most.
  private func until(_ body: () throws -> Void, holds: () throws -> Bool) async throws {
    for _ in 0..<600 {
      try body()
      if try holds() { return }
      try await Task.sleep(for: .milliseconds(200))
    }
    throw TestFailure("it never came to hold")
  }

  // MARK: - Releases

  @Test func `a release that is switched under load fails no request and mixes no answer`() async throws {
    let world = try World()
    let server = try await served(world)
    let before = try world.published(world.connected)
    let got = try world.folder.subfolder("got")
    let paths = before.keys.sorted()
    try list(paths, server.url, got, world.folder["list"])
    let authority = world.authority.certificate.string
    let lists = world.folder["list"].string
    let isOver = world.folder["over"].string
    let load = Task {
      var lines: [String] = []
      var rounds = 0
      while rounds < 4 || !FileManager.default.fileExists(atPath: isOver) {
        rounds += 1
        let said = try await onItsOwnThread {
          try Command.run(
            "curl",
            ["-s", "--cacert", authority, "--parallel", "--parallel-max", "10", "-K", lists]
              + ["-w", "%{http_code} %{filename_effective} %header{etag}\\n"]
          )
        }
        for line in said.split(separator: "\n") {
          let words = line.split(separator: " ")
          let bytes = try Data(contentsOf: URL(fileURLWithPath: String(words[1])))
          let digest = SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
          // A strong entity tag is the digest of exactly the bytes that came.
          if words[0] != "200" || words.last != "\"\(digest)\"" { lines.append(String(line)) }
        }
      }
      return lines
    }
    try await Task.sleep(for: .milliseconds(300))
    try world.age()
    #expect(try await world.sync().status == 0)
    let after = try world.published(world.connected)
    let changed = try #require(paths.first { after[$0] != nil && after[$0] != before[$0] })
    try await until {
      try Command.run("curl", ["-sf", "--cacert", authority, "-o", "\(got)/one", "\(server.url)/\(changed)"])
    } holds: {
      try Data(contentsOf: URL(fileURLWithPath: "\(got)/one")) == after[changed].map { Data($0) }
    }
    _ = FileManager.default.createFile(atPath: isOver, contents: nil)
    let wrong = try await load.value
    #expect(wrong.isEmpty, "\(wrong.prefix(5))")
    // What only the last release had is still there for those who hold its indexes.
    for path in before.keys where after[path] == nil {
      try Command.run("curl", ["-sf", "--cacert", authority, "-o", "/dev/null", "\(server.url)/\(path)"])
    }
    #expect(try await server.stop() == 0)
  }

  @Test func `the date of a file never goes back, also when an older release comes back`() async throws {
    let world = try World()
    let server = try await served(world)
    let authority = world.authority.certificate.string
    func index() throws -> (tag: String, date: String) {
      let said = try Command.run(
        "curl",
        ["-sfI", "--cacert", authority, "-o", "/dev/null", "-w", "%header{etag}|%header{last-modified}"]
          + ["\(server.url)/updates/index/u1901g.xml"]
      ).split(separator: "|")
      return (String(said[0]), String(said[1]))
    }
    func seconds(_ date: String) -> Date? {
      let format = DateFormatter()
      format.locale = Locale(identifier: "en_US_POSIX")
      format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
      return format.date(from: date)
    }
    let first = try index()
    try world.age()
    #expect(try await world.sync().status == 0)
    var second = first
    try await until {
      second = try index()
    } holds: {
      second.tag != first.tag
    }
    #expect(try await world.run("rollback", "--store", world.connected.string).status == 0)
    var third = second
    try await until {
      third = try index()
    } holds: {
      third.tag != second.tag
    }
    #expect(third.tag == first.tag)
    let dates = try [first.date, second.date, third.date].map { try #require(seconds($0)) }
    #expect(dates[0] < dates[1] && dates[1] < dates[2])
    #expect(try await server.stop() == 0)
  }

  // MARK: - Rehearsal

  @Test func `a rehearsal lets a good release through, and a damaged one changes nothing`() async throws {
    let world = try World()
    try await world.makeKeys()
    try await world.sync()
    #expect(try await world.pack("--full").status == 0)
    let first = try await world.import("--rehearse", "--json")
    #expect(first.status == 0, "\(first.errors)")
    let rehearsal = try #require(first.result["rehearsal"] as? [String: Any])
    #expect((rehearsal["files"] as? Int ?? 0) > 50 && (rehearsal["indexes"] as? Int ?? 0) > 2)
    #expect(world.current(world.isolated) == "releases/1")

    try world.age()
    try await world.sync()
    #expect(try await world.pack("--full").status == 0)
    // A byte of a file that both releases have turns on the disk.
    let old = try world.published(world.isolated)
    let new = try world.published(world.connected)
    let path = try #require(new.keys.sorted().first { $0.hasSuffix(".dat") && new[$0] == old[$0] })
    let place = URL(fileURLWithPath: world.isolated.appending("current").pushing(FilePath(path)).string)
    var bytes = try Data(contentsOf: place)
    bytes[bytes.count / 2] ^= 1
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: place.path)
    let handle = try FileHandle(forWritingTo: place)
    try handle.write(contentsOf: bytes)
    try handle.close()
    let refused = try await world.import("--rehearse")
    #expect(refused.status == Exit.rehearsalFailed, "\(refused.errors)")
    #expect(refused.errors.contains(path), "\(refused.errors)")
    #expect(world.current(world.isolated) == "releases/1")
  }

  // MARK: - The service

  @Test func `a new certificate is shown from the next connection on`() async throws {
    let world = try World()
    try await world.makeKeys()
    #expect(try await world.sync().status == 0)
    let identity = try world.authority.issue("localhost")
    let other = try TestAuthority(in: try world.folder.subfolder("other"), name: "Other")
    let server = try WebStoreGround(world, world.connected, identity)
    let arguments = ["-s", "-o", "/dev/null", "-w", "%{http_code}", "\(server.url)/"]
    #expect(try Command.run("curl", ["--cacert", world.authority.certificate.string] + arguments) == "200")
    let next = try other.issue("localhost")
    for (new, old) in [(next.key, identity.key), (next.certificate, identity.certificate)] {
      try Data(contentsOf: URL(fileURLWithPath: new.string)).write(
        to: URL(fileURLWithPath: old.string),
        options: .atomic
      )
    }
    var status: String?
    try await until {
      status = try? Command.run("curl", ["--cacert", other.certificate.string] + arguments)
    } holds: {
      status == "200"
    }
    #expect(try await server.stop() == 0)
  }

  @Test func `what cannot be started says why, with a status of its own`() async throws {
    let world = try World()
    #expect(try await world.sync().status == 0)
    let store = world.connected.string
    let without = try await world.run("serve", "--store", store)
    #expect(without.status == Exit.configuration && without.errors.contains("--self-signed"), "\(without.errors)")
    let taken = try Loopback.listen(backlog: 1)
    defer { close(taken.descriptor) }
    let busy = try await world.run("serve", "--store", store, "--http", "127.0.0.1:\(taken.port)")
    #expect(busy.status == Exit.cannotListen && busy.errors.contains("\(taken.port)"), "\(busy.errors)")
    let bad = try await world.run(
      ["serve", "--store", store, "--listen", "127.0.0.1:0", "--certificate", world.configuration.string, "--key"]
        + [world.configuration.string]
    )
    #expect(bad.status == Exit.badCertificate, "\(bad.errors)")
    let network = try await world.run("serve", "--store", store, "--http", "127.0.0.1:0", "--allow", "10.0.0.1/8")
    #expect(network.status == Exit.configuration && network.errors.contains("10.0.0.1/8"), "\(network.errors)")
  }

  @Test func `before anything is published the page says so`() async throws {
    let world = try World()
    let server = try WebStoreGround(world, world.folder["empty"], nil)
    let page = try Command.run("curl", ["-sf", "\(server.url)/"])
    #expect(page.contains("Nothing is published yet"))
    let status = try Command.run("curl", ["-s", "-o", "/dev/null", "-w", "%{http_code}", "\(server.url)/updates/x"])
    #expect(status == "404")
    #expect(try await server.stop() == 0)
  }

  @Test(.enabled(if: Command.path(of: "python3") != nil, "needs python3"))
  func `a service manager hands over its socket, and is reported when the server answers and when it ends`()
    async throws
  {
    let world = try World()
    #expect(try await world.sync().status == 0)
    // A service manager in a few lines: a socket as number 3, and one that is notified.
    let script = """
      import os, socket, subprocess, sys, urllib.request
      program, store, notify = sys.argv[1:]
      listener = socket.create_server(("127.0.0.1", 0))
      port = listener.getsockname()[1]
      news = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
      news.bind(notify)
      news.settimeout(120)
      def child():
          os.dup2(listener.fileno(), 3)
          os.set_inheritable(3, True)
          os.environ["LISTEN_PID"] = str(os.getpid())
      environment = dict(os.environ, LISTEN_FDS="1", LISTEN_FDNAMES="http", NOTIFY_SOCKET=notify)
      command = ["sh", "-c", 'LISTEN_PID=$$ exec "$0" "$@"', program, "serve", "--quiet", "--store", store]
      process = subprocess.Popen(command, preexec_fn=child, env=environment, pass_fds=(3,))
      assert b"READY=1" in news.recv(4096)
      assert urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/status").status == 200
      process.terminate()
      assert b"STOPPING=1" in news.recv(4096)
      assert process.wait(120) == 0
      print("good")
      """
    let said = try Command.run(
      "python3",
      ["-c", script, World.program, world.connected.string, world.folder["notify"].string]
    )
    #expect(said == "good\n")
  }
}

/// Runs what waits on a thread of its own.
private func onItsOwnThread<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
  }
}
