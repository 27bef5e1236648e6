import Foundation
import Synchronization
import SystemPackage

/// Debian's nginx on loopback, with files, certificates and settings of a test's own.
///
/// It ends with this object. Tests that need it say so: `.enabled(if: NginxServer.isInstalled, NginxServer.absence)`.
package final class NginxServer: Sendable {
  /// Whether there is an nginx to start, and an openssl to make its certificate.
  package static var isInstalled: Bool { Command.path(of: "nginx") != nil && Command.path(of: "openssl") != nil }
  /// Why a test is skipped where there is none.
  package static let absence = "needs nginx and openssl (apt install nginx openssl)"

  /// Its port on 127.0.0.1.
  package let port: Int
  private let folder = TemporaryFolder()
  private let process: ChildProcess

  /// Starts a server and waits until it answers.
  ///
  /// - Parameters:
  ///   - root: the folder it serves.
  ///   - identity: its certificate; `nil` to serve without TLS.
  ///   - settings: more of nginx's directives for the `server` block.
  ///   - outside: more for the `http` block around it.
  package init(
    serving root: FilePath,
    identity: TestAuthority.Identity?,
    http2: Bool = true,
    settings: String = "",
    outside: String = ""
  ) throws {
    var attempt = 0
    while true {
      let port = try Loopback.freePort()
      let configuration = folder["nginx.conf"]
      let text = Self.configuration(port, root, identity, http2, settings, outside, folder.path)
      try Data(text.utf8).write(to: URL(fileURLWithPath: configuration.string))
      let process = try ChildProcess(
        Command.path(of: "nginx") ?? "nginx",
        ["-p", folder.path.string, "-c", configuration.string, "-e", folder["error.log"].string]
      )
      while process.isRunning && !Loopback.answers(port) { usleep(10_000) }
      if process.isRunning {
        self.port = port
        self.process = process
        return
      }
      attempt += 1
      // Somebody else may have taken the port meanwhile.
      guard attempt < 5 else {
        let log = (try? String(contentsOfFile: folder["error.log"].string, encoding: .utf8)) ?? ""
        throw Command.Failure(description: "nginx does not start: \(log)")
      }
    }
  }

  deinit { stop() }

  /// Stops it; connections are cut.
  package func stop() {
    guard process.isRunning else { return }
    process.kill(SIGTERM)
    process.wait()
  }

  private static func configuration(
    _ port: Int,
    _ root: FilePath,
    _ identity: TestAuthority.Identity?,
    _ http2: Bool,
    _ settings: String,
    _ outside: String,
    _ folder: FilePath
  ) -> String {
    let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(folder)/\($0);" }
    let tls = identity.map { "ssl_certificate \"\($0.certificate)\"; ssl_certificate_key \"\($0.key)\";" } ?? ""
    return """
      \(geteuid() == 0 ? "user root;" : "")
      daemon off; worker_processes 2; pid \(folder)/nginx.pid; error_log \(folder)/error.log;
      events { worker_connections 512; }
      http {
        access_log off; \(paths.joined(separator: " "))
        \(outside)
        server {
          listen 127.0.0.1:\(port)\(identity == nil ? "" : http2 ? " ssl http2" : " ssl");
          root "\(root)"; \(tls) \(settings)
        }
      }
      """
  }
}

/// Ports on 127.0.0.1.
package enum Loopback {
  /// A port that nobody listens on, and that no other test is given: neither by this function nor by the system, which
  /// takes those that it chooses by itself from 32768 on.
  package static func freePort() throws -> Int {
    for _ in 0..<10_000 {
      let port = 10_000 + next.add(1, ordering: .relaxed).newValue % 22_000
      guard let listener = try? listen(backlog: 1, port: port) else { continue }
      close(listener.descriptor)
      return port
    }
    throw Errno.addressInUse
  }

  /// Where the next search for a free port goes on: somewhere, so that two processes do not look at the same ones.
  private static let next = Atomic(Int.random(in: 0..<22_000))

  /// A socket that listens on a port; on one that the system chooses, if it is 0.
  package static func listen(backlog: Int32, port: Int = 0) throws -> (descriptor: Int32, port: Int) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    var address = self.address(port)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
        bind(descriptor, raw, length) == 0 && Glibc.listen(descriptor, backlog) == 0
          && getsockname(descriptor, raw, &length) == 0
      }
    }
    guard status else {
      let error = Errno(rawValue: errno)
      close(descriptor)
      throw error
    }
    return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
  }

  /// A connection to a port; `nil` if nobody listens there.
  package static func connect(_ port: Int) -> Int32? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = self.address(port)
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    if status == 0 { return descriptor }
    close(descriptor)
    return nil
  }

  /// Whether somebody listens on a port.
  package static func answers(_ port: Int) -> Bool {
    guard let descriptor = connect(port) else { return false }
    close(descriptor)
    return true
  }

  private static func address(_ port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    return address
  }
}
