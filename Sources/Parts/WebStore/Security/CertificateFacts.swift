import FileSystem
import MirrorTypes
import NIOSSL
import SystemPackage

/// What there is to say about a certificate and its key before a server uses them.
package struct CertificateFacts: Sendable, Hashable {
  /// From when on it is valid.
  package let begins: UTCTime
  /// When it expires: of a chain the first that does.
  package let expires: UTCTime
  /// The DNS names that it is for; clients of today look at nothing else.
  package let names: [String]

  /// Reads a pair as the server does.
  ///
  /// - Throws: ``WebServerError`` when the files cannot be read, or are no certificate and its key.
  package init(certificate: FilePath, key: FilePath) throws(WebServerError) {
    // Whether it is a pair: the server's own way of reading it says.
    _ = try ServerIdentity(certificate: certificate, key: key)
    let chain: [NIOSSLCertificate]
    do {
      let bytes = try Files.read(Files.resolvingLinks(certificate), atMost: ServerIdentity.maximumSize)
      chain = try NIOSSLCertificate.fromPEMBytes(bytes)
    } catch {
      throw .certificate("\(certificate)", "\(error)")
    }
    guard let own = chain.first else { throw .certificate("\(certificate)", "there is no certificate in it") }
    begins = chain.map { UTCTime(seconds: Int64($0.notValidBefore)) }.max() ?? .last
    expires = chain.map { UTCTime(seconds: Int64($0.notValidAfter)) }.min() ?? .epoch
    names = own._subjectAlternativeNames().compactMap { name in
      name.nameType == .dnsName ? String(decoding: name.contents, as: UTF8.self) : nil
    }
  }

  /// Whether it is for a host of this name: by name, or by a star in the place of the first part.
  package func isFor(_ host: String) -> Bool {
    let host = host.lowercased()
    return names.map { $0.lowercased() }.contains { name in
      guard name.hasPrefix("*.") else { return name == host }
      guard let dot = host.firstIndex(of: ".") else { return false }
      return host[dot...] == name.dropFirst()
    }
  }
}
