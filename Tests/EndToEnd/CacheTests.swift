import Crypto
import Foundation
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// nginx as a cache in front of `kscmirror serve`, with the configuration that comes with the program.
@Suite(.enabled(if: NginxServer.isInstalled, Comment(rawValue: NginxServer.absence)))
struct CacheTests {
  private let ground: PackageGround

  private final class Flag: Sendable { let isDone = Atomic(false) }

  init() throws { ground = try PackageGround() }

  private func files(_ version: UInt8) -> [String: Data] {
    [
      "same.bin": Data(repeating: 7, count: 200_000), "changed.bin": Data(repeating: version, count: 100_000),
      "only-\(version).txt": Data("release \(version)".utf8), "text.xml": Data(repeating: 32 + version, count: 5000),
    ]
  }

  private func cache(before server: WebStoreGround) throws -> NginxServer {
    let world = ground.world
    let place = try world.folder.subfolder("cache")
    let configuration = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
      .pushing("Mirror/nginx/cache.conf")
    return try NginxServer(
      serving: place,
      identity: nil,
      settings: """
        set $kscmirror_origin https://kscmirror;
        proxy_ssl_trusted_certificate "\(world.authority.certificate)";
        proxy_ssl_name localhost;
        \(try String(contentsOfFile: configuration.string, encoding: .utf8))
        """,
      outside: """
        proxy_cache_path "\(place)" levels=1:2 keys_zone=kscmirror:1m max_size=100m use_temp_path=off;
        upstream kscmirror { server \(server.url.replacing("https://localhost", with: "127.0.0.1")); keepalive 4; }
        """
    )
  }

  private func get(_ path: String, from cache: NginxServer, _ more: String...) throws -> (status: Int, bytes: Data) {
    try Self.get(path, from: cache, more, ground.world.folder["got-\(UUID())"])
  }

  private static func get(
    _ path: String,
    from cache: NginxServer,
    _ more: [String],
    _ place: FilePath
  ) throws -> (status: Int, bytes: Data) {
    defer { try? FileManager.default.removeItem(atPath: place.string) }
    let said = try Command.run(
      "curl",
      ["-s", "-o", place.string, "-w", "%{http_code}"] + more + ["http://127.0.0.1:\(cache.port)/\(path)"]
    )
    return (Int(said) ?? 0, (try? Data(contentsOf: URL(fileURLWithPath: place.string))) ?? Data())
  }

  private func expectAll(_ cache: NginxServer) throws {
    for (path, bytes) in try ground.world.published(ground.world.connected) {
      let got = try get(path, from: cache)
      #expect(got.status == 200 && got.bytes == bytes, "\(path): \(got.status), \(got.bytes.count) bytes")
    }
  }

  @Test func `each file is transferred once, and a release switch is seen at once`() async throws {
    try await ground.release(files(1))
    let server = try ground.serve()
    try await ground.waitUntilServed(by: server)
    let cache = try cache(before: server)
    // Many at once for one file that nobody has asked for yet.
    let url = "http://127.0.0.1:\(cache.port)/packages/same.bin"
    let many = (0..<20).flatMap { ["-o", ground.world.folder["many-\($0)"].string, url] }
    try Command.run("curl", ["-sf", "--parallel"] + many)
    for _ in 0..<2 { try expectAll(cache) }
    let first = try ground.world.published(ground.world.connected)
    let part = try get("packages/same.bin", from: cache, "-r", "100-299")
    #expect(part.status == 206 && part.bytes == Data(repeating: 7, count: 200))
    let digest = SHA256.hash(data: try #require(first["packages/same.bin"])).map { String(format: "%02x", $0) }.joined()
    #expect(try get("packages/same.bin", from: cache, "-H", "If-None-Match: \"\(digest)\"").status == 304)

    try await ground.release(files(2))
    try await ground.waitUntilServed(by: server)
    try expectAll(cache)
    let second = try ground.world.published(ground.world.connected)
    #expect(try get("packages/nowhere", from: cache).status == 404)
    #expect(try get("packages/same.bin", from: cache, "-X", "PUT").status == 403)

    let answers = try await ground.stop(server).filter { $0.status == 200 && $0.bytes > 0 }
    for (path, bytes) in second {
      // Once a content: what is the same in both releases has crossed once.
      let expected = first[path] == nil || first[path] == bytes ? 1 : 2
      #expect(answers.count { $0.path == "/\(path)" } == expected, "\(path)")
    }
    // Nobody is answered from the cache as if the store were there.
    #expect(try get("packages/same.bin", from: cache).status == 503)
  }

  @Test func `while releases switch, each answer is one release's file, whole`() async throws {
    try await ground.release(files(1))
    let server = try ground.serve()
    try await ground.waitUntilServed(by: server)
    let cache = try cache(before: server)
    let flag = Flag()
    try await withThrowingTaskGroup(of: Int.self) { group in
      for place in [ground.world.folder["one"], ground.world.folder["two"]] {
        group.addTask {
          var rounds = 0
          while !flag.isDone.load(ordering: .relaxed) {
            let got = try Self.get("packages/changed.bin", from: cache, [], place)
            let version = got.bytes.first ?? 0
            #expect(got.status == 200 && got.bytes == Data(repeating: version, count: 100_000) && version > 0)
            rounds += 1
            // A run of curl keeps a thread: the others need it too.
            try await Task.sleep(for: .milliseconds(1))
          }
          return rounds
        }
      }
      for version in UInt8(2)...4 {
        try await ground.release(files(version))
        try await ground.waitUntilServed(by: server)
        // From now on nothing older comes.
        #expect(try get("packages/changed.bin", from: cache).bytes.first == version)
      }
      flag.isDone.store(true, ordering: .relaxed)
      for try await rounds in group { #expect(rounds > 0) }
    }
    #expect(try await server.stop() == 0)
  }
}
