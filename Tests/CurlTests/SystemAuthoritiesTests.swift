import Curl
import Testing

/// Where each distribution keeps the authorities that it trusts.
@Suite struct SystemAuthoritiesTests {
  /// A host with these files, these names in its folders, and these variables.
  private func found(
    files: Set<String> = [],
    folders: [String: [String]] = [:],
    variables: [String: String] = [:]
  ) -> [String?] {
    let found = SystemAuthorities(
      variable: { variables[$0] },
      isFile: { files.contains($0) },
      names: { folders[$0] ?? [] }
    )
    return [found.file, found.folder]
  }

  @Test(arguments: [
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/usr/share/ca-certificates/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem", "/var/lib/ca-certificates/ca-bundle.pem", "/etc/ssl/cert.pem",
  ])
  func `the file with all authorities is found where a distribution has it`(file: String) {
    #expect(found(files: [file]) == [file, nil])
  }

  @Test func `a folder counts only if its names are hashes`() {
    let debian = ["/etc/ssl/certs": ["ca-certificates.crt", "ISRG_Root_X1.pem", "4042bcee.0"]]
    #expect(found(folders: debian) == [nil, "/etc/ssl/certs"])
    let others = [
      "ca-bundle.crt", "4042bcee", "4042bcee.", "4042bcee.pem", "4042bce.0", "4042bceg.0", "4042bcee.0.pem",
    ]
    #expect(found(folders: ["/etc/ssl/certs": others]) == [nil, nil])
  }

  @Test(arguments: [
    "/etc/ssl/certs", "/etc/pki/ca-trust/extracted/pem/directory-hash", "/var/lib/ca-certificates/openssl",
  ])
  func `the folder with a file for each is found where a distribution has it`(folder: String) {
    #expect(found(folders: [folder: ["4042bcee.0", "README"]]) == [nil, folder])
  }

  @Test func `a host without any has none`() { #expect(found() == [nil, nil]) }

  @Test func `OpenSSL's variables take the place of all that the system has`() {
    let files: Set = ["/etc/ssl/certs/ca-certificates.crt"]
    let folders = ["/etc/ssl/certs": ["4042bcee.0"]]
    func found(_ variables: [String: String]) -> [String?] {
      self.found(files: files, folders: folders, variables: variables)
    }
    #expect(found(["SSL_CERT_FILE": "/own.pem"]) == ["/own.pem", nil])
    #expect(found(["SSL_CERT_DIR": "/own"]) == [nil, "/own"])
    #expect(found(["SSL_CERT_FILE": "/own.pem", "SSL_CERT_DIR": "/own"]) == ["/own.pem", "/own"])
    #expect(found(["SSL_CERT_FILE": ""]) == ["/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs"])
  }
}
