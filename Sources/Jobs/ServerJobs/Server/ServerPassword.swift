import AdministrationServer
import FileSystem
import Glibc
import JobCore
import MirrorConfiguration
import MirrorTypes
import SystemPackage

/// Where the password for the Administration Server comes from: a file, the environment, systemd's credentials, or a
/// person; never the command line, which others can see.
package struct ServerPassword {
  /// The variable of the environment.
  static let variable = "KSCMIRROR_KSC_PASSWORD"
  /// The name of systemd's credential (`LoadCredential=ksc-password:…`).
  static let credential = "ksc-password"
  private static let maximumSize = 4096

  let settings: AdministrationServerSettings
  let ask: SecretPrompts.ServerPassword?

  /// Whom to sign in as, and with what.
  func signIn() throws -> SignIn {
    if let file = settings.tokenFile { return .token(try Self.firstLine(of: file)) }
    guard let user = settings.user else {
      throw JobError(.configuration, "[administration_server] names neither a user nor a token_file")
    }
    let domain = settings.domain ?? ""
    return .password(user: user, password: try password(of: user), domain: domain, isInternal: domain.isEmpty)
  }

  private func password(of user: String) throws -> Secret {
    if let file = settings.passwordFile { return try Self.firstLine(of: file) }
    if let value = getenv(Self.variable), value.pointee != 0 { return Secret(String(cString: value)) }
    if let folder = getenv("CREDENTIALS_DIRECTORY") {
      let file = FilePath(String(cString: folder)).appending(Self.credential)
      if try Files.status(file) != nil { return try Self.firstLine(of: file) }
    }
    guard let ask else {
      throw JobError(
        .keyUnusable,
        "the password of '\(user)' on the Administration Server is needed",
        remedy: "Write it to a file that only you can read, and name that as password_file in [administration_server]."
      )
    }
    return Secret(try ask(user))
  }

  /// The first line of a file that holds a secret.
  private static func firstLine(of file: FilePath) throws -> Secret {
    let line = PlainText.secret(try Files.read(Files.resolvingLinks(file), atMost: maximumSize))
    guard !line.isEmpty else {
      throw JobError(.keyUnusable, "\(file): the first line, which must hold the password, is empty")
    }
    return Secret(line)
  }
}
