import SystemPackage

/// The bucket of an S3-compatible store that releases are published to.
package struct PublishSettings: Sendable, Hashable {
  /// The store's address, without a slash at the end.
  package var endpoint: String
  /// The bucket's name.
  package var bucket: String
  /// What all keys begin with; empty: nothing.
  package var prefix = ""
  /// The region that requests are signed for.
  package var region = "us-east-1"
  /// Whether the bucket is named in the path; else in front of the host's name.
  package var pathStyle = true
  /// Whether an `http://` address is taken.
  package var allowHTTP = false
  /// A file of CA certificates, PEM.
  package var ca: FilePath?
  /// The server's public key, as `sha256//` and base64.
  package var pin: String?
  /// A file with the access key, in the form of AWS's own `credentials` file.
  package var credentialsFile: FilePath?
  /// How many objects are sent at once.
  package var parallel = 8
  /// How often one request is tried.
  package var attempts = 5
  /// How many releases a pruning keeps.
  package var keep = 3
}

extension PublishSettings {
  init?(reading top: inout TableReader) throws(ConfigurationError) {
    guard var table = try top.subtable("publish", as: "[publish]") else { return nil }
    allowHTTP = try table.bool("allow_http") ?? allowHTTP
    endpoint = try table.address("endpoint", try table.required("endpoint"), allowHTTP: allowHTTP)
    bucket = try table.required("bucket")
    guard Self.isBucketName(bucket) else {
      throw table.bad("bucket", "has to be 3 to 63 lower-case letters, digits, '-' and '.'")
    }
    prefix = try table.string("prefix") ?? prefix
    region = try table.string("region") ?? region
    guard (1...64).contains(region.utf8.count), region.utf8.allSatisfy({ Self.isLabel($0) || $0 == 0x5F }) else {
      throw table.bad("region", "has to be letters, digits, '-' and '_'")
    }
    pathStyle = try table.bool("path_style") ?? pathStyle
    ca = try table.file("ca")
    pin = try table.string("pin")
    if let pin, !pin.hasPrefix("sha256//") { throw table.bad("pin", "has to begin with 'sha256//'") }
    credentialsFile = try table.file("credentials_file")
    for key in ["access_key", "access_key_id", "secret_key", "secret_access_key"] where table.has(key) {
      throw table.bad(key, "does not belong here: write it to a file of its own, and name that as credentials_file")
    }
    parallel = try table.int("parallel", in: 1...64) ?? parallel
    attempts = try table.int("attempts", in: 1...20) ?? attempts
    keep = try table.int("keep", in: 1...10_000) ?? keep
    try table.finish()
  }

  private static func isBucketName(_ name: String) -> Bool {
    (3...63).contains(name.utf8.count) && name.first != "." && name.first != "-" && !name.contains("..")
      && name.utf8.allSatisfy { (isLabel($0) && !(0x41...0x5A).contains($0)) || $0 == UInt8(ascii: ".") }
  }

  private static func isLabel(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
