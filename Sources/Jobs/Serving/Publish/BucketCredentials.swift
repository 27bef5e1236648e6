import AdministrationServer
import FileSystem
import Glibc
import JobCore
import MirrorTypes
import SystemPackage

/// With what requests to a bucket are signed: from a file, the environment, or systemd's credentials; never from the
/// command line, which others can see.
struct BucketCredentials {
  /// The name of the key, which is not a secret.
  let accessKey: String
  /// The key.
  let secretKey: Secret
  /// What goes with temporary keys.
  let sessionToken: Secret?

  /// The name of systemd's credential (`LoadCredential=s3-credentials:…`).
  static let credential = "s3-credentials"
  private static let maximumSize = 16_384

  /// Looks for them: the file that the configuration names, the environment, systemd's credentials.
  static func find(_ file: FilePath?) throws -> BucketCredentials {
    if let file { return try read(file) }
    if let key = variable("AWS_ACCESS_KEY_ID"), let secret = variable("AWS_SECRET_ACCESS_KEY") {
      return try checked(key, Secret(secret), variable("AWS_SESSION_TOKEN").map { Secret($0) }, "the environment")
    }
    if let folder = variable("CREDENTIALS_DIRECTORY") {
      let file = FilePath(folder).appending(credential)
      if try Files.status(file) != nil { return try read(file) }
    }
    throw JobError(
      .keyUnusable,
      "the access key of the bucket is needed",
      remedy: "Write it to a file that only you can read, and name that as credentials_file in [publish]."
    )
  }

  private static func variable(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }

  /// Reads `aws_access_key_id = …` and `aws_secret_access_key = …`, of several sections the first.
  private static func read(_ file: FilePath) throws -> BucketCredentials {
    let bytes = try Files.read(Files.resolvingLinks(file), atMost: maximumSize)
    var values: [String: String] = [:]
    var sections = 0
    for line in String(decoding: PlainText.utf8(bytes), as: UTF8.self).split(whereSeparator: \.isNewline) {
      let text = line.drop { $0 == " " || $0 == "\t" }
      if text.hasPrefix("[") { sections += 1 }
      guard sections <= 1, !text.hasPrefix("#"), let equals = text.firstIndex(of: "=") else { continue }
      values[trimmed(text[..<equals])] = trimmed(text[text.index(after: equals)...])
    }
    guard let key = values["aws_access_key_id"], let secret = values["aws_secret_access_key"] else {
      throw JobError(.keyUnusable, "\(file): it has no aws_access_key_id or no aws_secret_access_key")
    }
    return try checked(key, Secret(secret), values["aws_session_token"].map { Secret($0) }, file.string)
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text.drop { $0 == " " || $0 == "\t" }
    while let last = text.last, last == " " || last == "\t" || last == "\r" { text.removeLast() }
    return String(text)
  }

  private static func checked(
    _ key: String,
    _ secret: Secret,
    _ token: Secret?,
    _ place: String
  ) throws -> BucketCredentials {
    let isPlain = key.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }
    guard isPlain, !key.isEmpty, !secret.isEmpty else {
      throw JobError(.keyUnusable, "\(place): the access key is empty, or has characters that do not belong there")
    }
    return BucketCredentials(accessKey: key, secretKey: secret, sessionToken: token)
  }
}
