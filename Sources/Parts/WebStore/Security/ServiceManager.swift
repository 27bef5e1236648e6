import Glibc
import SystemPackage

/// What systemd and a service say to each other: sockets that it has opened (sd_listen_fds(3)), and how the service is
/// (sd_notify(3)).
package enum ServiceManager {
  /// A socket that was opened for us.
  package struct Socket: Hashable, Sendable {
    /// Its number.
    package let descriptor: CInt
    /// The name that the socket unit gives it (`FileDescriptorName=`).
    package let name: String

    /// A socket.
    package init(descriptor: CInt, name: String) {
      self.descriptor = descriptor
      self.name = name
    }
  }

  /// The first number that such a socket has.
  private static let firstDescriptor: CInt = 3

  /// The sockets that were opened for this process.
  package static func sockets() -> [Socket] {
    sockets(
      process: environment("LISTEN_PID"),
      count: environment("LISTEN_FDS"),
      names: environment("LISTEN_FDNAMES"),
      ownProcess: getpid()
    )
  }

  static func sockets(process: String?, count: String?, names: String?, ownProcess: pid_t) -> [Socket] {
    guard process.flatMap({ pid_t($0) }) == ownProcess, let count = count.flatMap({ Int($0) }), (1...64).contains(count)
    else { return [] }
    let names = (names ?? "").split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    return (0..<count).map { position in
      let descriptor = firstDescriptor + CInt(position)
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      return Socket(descriptor: descriptor, name: position < names.count ? names[position] : "")
    }
  }

  /// Tells the service manager something, such as `READY=1`. Nobody may be listening.
  package static func notify(_ state: String) {
    guard let path = environment("NOTIFY_SOCKET"), let first = path.utf8.first else { return }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(path.utf8)
    // A name in the abstract namespace begins with a NUL, written as '@'.
    if first == UInt8(ascii: "@") { bytes[0] = 0 }
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard bytes.count < room else { return }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let length = socklen_t(MemoryLayout<sockaddr_un>.offset(of: \.sun_path).map { $0 + bytes.count } ?? 0)
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let message = Array(state.utf8)
    _ = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL), address, length)
      }
    }
  }

  private static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
