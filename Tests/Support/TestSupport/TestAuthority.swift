import Foundation
import SystemPackage

/// A certificate authority of a test's own, made by the `openssl` command.
package struct TestAuthority: Sendable {
  /// A certificate and its private key, each a PEM file.
  package struct Identity: Sendable {
    /// The certificate.
    package let certificate: FilePath
    /// The private key.
    package let key: FilePath

    /// A certificate and its key.
    package init(certificate: FilePath, key: FilePath) {
      self.certificate = certificate
      self.key = key
    }
  }

  /// The authority's own certificate: what a client has to trust.
  package let certificate: FilePath
  private let key: FilePath
  private let folder: FilePath

  /// Makes an authority, with its files in `folder`.
  package init(in folder: FilePath, name: String = "Test Authority") throws {
    self.init(at: folder, name: name)
    try Command.run(
      "openssl",
      ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        + ["-subj", "/CN=\(name)", "-keyout", key.string, "-out", certificate.string]
    )
  }

  /// Copies an authority that was made before in this process, or makes it; it has issued a certificate for localhost.
  package static func copy(to folder: FilePath) throws -> TestAuthority {
    try MadeOnce.shared.copy("authority", to: folder) { original in
      try FileManager.default.createDirectory(atPath: original.string, withIntermediateDirectories: true)
      _ = try TestAuthority(in: original).issue("localhost")
    }
    return TestAuthority(at: folder, name: "Test Authority")
  }

  private init(at folder: FilePath, name: String) {
    self.folder = folder
    certificate = folder.appending("\(name).pem")
    key = folder.appending("\(name).key")
  }

  /// Issues a certificate for a host name, and for 127.0.0.1 with `localhost`; once a name.
  ///
  /// - Parameter password: what the private key is locked with.
  package func issue(_ host: String, password: String? = nil) throws -> Identity {
    let made = Identity(certificate: folder.appending("\(host).pem"), key: folder.appending("\(host).key"))
    if password == nil, FileManager.default.fileExists(atPath: made.certificate.string) { return made }
    let request = folder.appending("\(host).csr")
    let extensions = folder.appending("\(host).ext")
    let names = "subjectAltName=DNS:\(host)" + (host == "localhost" ? ",IP:127.0.0.1" : "")
    try Data(names.utf8).write(to: URL(fileURLWithPath: extensions.string))
    try Command.run(
      "openssl",
      ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-subj", "/CN=\(host)"]
        + (password.map { ["-passout", "pass:\($0)"] } ?? ["-nodes"])
        + ["-keyout", made.key.string, "-out", request.string]
    )
    try Command.run(
      "openssl",
      ["x509", "-req", "-in", request.string, "-CA", certificate.string, "-CAkey", key.string, "-CAcreateserial"]
        + ["-days", "2", "-extfile", extensions.string, "-out", made.certificate.string]
    )
    return made
  }

  /// Issues a certificate that is valid between two times, as `YYYYMMDDHHMMSSZ`.
  package func issue(_ host: String, from: String, to: String) throws -> Identity {
    let made = Identity(
      certificate: folder.appending("\(host) \(from).pem"),
      key: folder.appending("\(host) \(from).key")
    )
    let request = folder.appending("\(host) \(from).csr")
    try Command.run(
      "openssl",
      ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-subj", "/CN=\(host)", "-nodes"]
        + ["-keyout", made.key.string, "-out", request.string]
    )
    // Only `ca` takes times; it keeps a database of what it has issued.
    let database = folder.appending("issued \(from)")
    try Data().write(to: URL(fileURLWithPath: database.string))
    let settings = folder.appending("issuing \(from).cnf")
    let text = """
      [ca]
      default_ca = own
      [own]
      database = \(database)
      new_certs_dir = \(folder)
      rand_serial = yes
      default_md = sha256
      policy = any
      x509_extensions = names
      [any]
      commonName = supplied
      [names]
      subjectAltName = DNS:\(host)\(host == "localhost" ? ",IP:127.0.0.1" : "")
      """
    try Data(text.utf8).write(to: URL(fileURLWithPath: settings.string))
    try Command.run(
      "openssl",
      ["ca", "-batch", "-notext", "-config", settings.string, "-cert", certificate.string, "-keyfile", key.string]
        + ["-in", request.string, "-startdate", from, "-enddate", to, "-out", made.certificate.string]
    )
    return made
  }

  /// The `sha256//` pin of a certificate's public key.
  package static func pin(of certificate: FilePath) throws -> String {
    let script = """
      openssl x509 -in "$0" -noout -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary \
      | openssl base64 -A
      """
    return "sha256//" + (try Command.run("sh", ["-c", script, certificate.string]))
  }
}
