import FileSystem
import MirrorTypes
import NIOSSL
import Synchronization
import SystemPackage

/// The certificate that the server shows, and its key. Files are read again when they change, and connections made from
/// then on get what is in them; as long as they make no pair, the old ones stay.
final class ServerIdentity: Sendable {
  private struct State {
    var context: NIOSSLContext
    var marks: [Mark]
  }

  /// What shows that a file has changed.
  private struct Mark: Equatable {
    let inode: UInt64?
    let size: Int64?
    let modified: UTCTime?

    init(_ path: FilePath) {
      // By its name, which may be a link that is turned to another file.
      let status = (try? Files.resolvingLinks(path)).flatMap { try? Files.status($0) }
      inode = status?.inode
      size = status?.size
      modified = status?.modified
    }
  }

  private let files: (certificate: FilePath, key: FilePath)?
  private let state: Mutex<State>
  /// The public key's SHA-256 as curl takes it, of a certificate that was made here.
  let pin: String?

  /// The most bytes of a certificate chain or a key.
  static let maximumSize = 1 << 20

  /// Reads PEM files: a chain of certificates, the server's own first, and its key.
  init(certificate: FilePath, key: FilePath) throws(WebServerError) {
    files = (certificate, key)
    pin = nil
    state = Mutex(State(context: try Self.read(certificate, key), marks: [Mark(certificate), Mark(key)]))
  }

  /// Takes what was made here.
  init(_ made: SelfSigned) throws(WebServerError) {
    files = nil
    pin = made.pin
    do {
      let certificate = try NIOSSLCertificate(bytes: made.certificate, format: .der)
      let key = try NIOSSLPrivateKey(bytes: Array(made.key.utf8), format: .pem)
      state = Mutex(State(context: try Self.context([certificate], key), marks: []))
    } catch {
      throw .certificate("the self-signed certificate", "\(error)")
    }
  }

  /// What a new connection is secured with.
  var context: NIOSSLContext { state.withLock { $0.context } }

  /// Reads the files again if they have changed. May wait for a disk.
  ///
  /// - Returns: whether there is something new.
  /// - Throws: ``WebServerError`` when what is there now cannot be used; what was there before stays in use, and they are
  ///   looked at again when they change once more.
  func reload(evenIfUnchanged: Bool = false) throws(WebServerError) -> Bool {
    guard let files else { return false }
    let marks = [Mark(files.certificate), Mark(files.key)]
    guard evenIfUnchanged || state.withLock({ $0.marks != marks }) else { return false }
    state.withLock { $0.marks = marks }
    let context = try Self.read(files.certificate, files.key)
    state.withLock { $0.context = context }
    return true
  }

  private static func read(_ certificate: FilePath, _ key: FilePath) throws(WebServerError) -> NIOSSLContext {
    do {
      let chain = try NIOSSLCertificate.fromPEMBytes(bytes(certificate))
      return try context(chain, try NIOSSLPrivateKey(bytes: bytes(key), format: .pem))
    } catch let error as FileError {
      throw .certificate("\(error.path)", "it cannot be read: \(error.reason)")
    } catch {
      throw .certificate("\(certificate) with \(key)", "they are no certificate and its key: \(error)")
    }
  }

  private static func bytes(_ path: FilePath) throws(FileError) -> [UInt8] {
    try Files.read(Files.resolvingLinks(path), atMost: maximumSize)
  }

  private static func context(_ chain: [NIOSSLCertificate], _ key: NIOSSLPrivateKey) throws -> NIOSSLContext {
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) },
      privateKey: .privateKey(key)
    )
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["h2", "http/1.1"]
    // An updater's 'close_notify' may never come; the length of an answer tells where it ends.
    return try NIOSSLContext(configuration: configuration)
  }
}
