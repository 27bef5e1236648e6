import SystemPackage

/// How the Administration Server is reached over the KSC Open API, and as whom.
package struct AdministrationServerSettings: Sendable, Hashable {
  /// Its address, without a slash at the end.
  package var url: String
  /// Whether an `http://` address is taken.
  package var allowHTTP = false
  /// Whom to sign in as.
  package var user: String?
  /// A file whose first line is the password. Without it: the environment, systemd's credentials, a prompt.
  package var passwordFile: FilePath?
  /// A file whose first line is a token, in place of user and password.
  package var tokenFile: FilePath?
  /// The Windows domain of the user; `nil` for a user of the server's own.
  package var domain: String?
  /// The virtual server to work on; `nil` for the main one.
  package var virtualServer: String?
  /// The server's own certificate, which is taken whatever name it has.
  package var certificate: FilePath?
  /// A file of CA certificates, PEM.
  package var ca: FilePath?
  /// The server's public key, as `sha256//` and base64.
  package var pin: String?
  /// Seconds until a connection has to stand.
  package var connectTimeout: Double = 30
  /// Seconds that one call may take.
  package var callTimeout: Double = 300
  /// Seconds that a call may be put off by a busy server before it fails.
  package var busyPatience: Double = 120

  /// The port of the Open API, where an address names none.
  package static let port = 13299
}

extension AdministrationServerSettings {
  init?(reading top: inout TableReader) throws(ConfigurationError) {
    guard var table = try top.subtable("administration_server", as: "[administration_server]") else { return nil }
    allowHTTP = try table.bool("allow_http") ?? allowHTTP
    url = try table.address("url", try table.required("url"), allowHTTP: allowHTTP)
    user = try table.string("user")
    passwordFile = try table.file("password_file")
    tokenFile = try table.file("token_file")
    domain = try table.string("domain")
    virtualServer = try table.string("virtual_server")
    certificate = try table.file("certificate")
    ca = try table.file("ca")
    pin = try table.string("pin")
    if let pin, !pin.hasPrefix("sha256//") { throw table.bad("pin", "has to begin with 'sha256//'") }
    let time = "a time such as \"30s\" or \"10m\""
    connectTimeout = try table.quantity("connect_timeout", time, Quantity.seconds) ?? connectTimeout
    callTimeout = try table.quantity("call_timeout", time, Quantity.seconds) ?? callTimeout
    busyPatience = try table.quantity("busy_patience", time, Quantity.seconds) ?? busyPatience
    guard table.table["password"] == nil else {
      throw table.bad("password", "does not belong here: write it to a file of its own, and name that as password_file")
    }
    guard user != nil || tokenFile != nil else { throw table.error(.missing("user")) }
    try table.finish()
  }
}
