import COpenSSL
import Glibc
import SystemPackage
import TestSupport

/// What went wrong while a server was set up.
package struct ServerFailure: Error, CustomStringConvertible {
  /// The failure in words.
  package let description: String

  /// A failure.
  package init(description: String) { self.description = description }
}

/// OpenSSL's settings for a server: a certificate and its key.
package final class TLSContext: Sendable {
  // OpenSSL allows a context to be used from any thread once it is set up, and it is not changed after `init`.
  nonisolated(unsafe) fileprivate let pointer: OpaquePointer

  /// Settings with this certificate.
  package init(_ identity: TestAuthority.Identity) throws {
    guard let pointer = SSL_CTX_new(TLS_server_method()) else { throw ServerFailure(description: "no TLS") }
    self.pointer = pointer
    guard SSL_CTX_use_certificate_chain_file(pointer, identity.certificate.string) == 1,
      SSL_CTX_use_PrivateKey_file(pointer, identity.key.string, SSL_FILETYPE_PEM) == 1
    else { throw ServerFailure(description: "cannot use the certificate \(identity.certificate)") }
  }

  deinit { SSL_CTX_free(pointer) }
}

/// One connection to a client, used by one thread.
package final class TLSConnection {
  private let descriptor: Int32
  private let tls: OpaquePointer

  /// Takes a connection that was accepted; `nil` if the client breaks off the handshake.
  package init?(_ descriptor: Int32, _ context: TLSContext) {
    self.descriptor = descriptor
    guard let tls = SSL_new(context.pointer) else { return nil }
    self.tls = tls
    SSL_set_fd(tls, descriptor)
    // All is set by now, so that `deinit` frees it.
    guard SSL_accept(tls) == 1 else { return nil }
  }

  deinit { SSL_free(tls) }

  /// Reads what has come; empty at the end.
  package func read() -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 16384)
    let count = SSL_read(tls, &buffer, Int32(buffer.count))
    return count > 0 ? Array(buffer[..<Int(count)]) : []
  }

  /// Writes all bytes; `false` when the client is gone.
  package func write(_ bytes: [UInt8]) -> Bool {
    var start = 0
    while start < bytes.count {
      let count = bytes.withUnsafeBytes { SSL_write(tls, $0.baseAddress?.advanced(by: start), Int32($0.count - start)) }
      if count <= 0 { return false }
      start += Int(count)
    }
    return true
  }

  /// Ends the connection the hard way.
  package func cut() {
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
    shutdown(descriptor, Int32(SHUT_RDWR))
  }

  /// Says nothing until the client goes away, or the time has passed.
  package func stall(seconds: Double) {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    _ = poll(&waiting, 1, Int32(seconds * 1000))
  }

  /// Says goodbye.
  package func close() { SSL_shutdown(tls) }
}
