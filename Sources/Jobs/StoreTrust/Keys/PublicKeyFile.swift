import FileSystem
import JobCore
import StrictJSON
import SystemPackage
import Trust

/// The public part of a key in a file: what a second person hands over.
struct PublicKeyFile {
  /// The key's identifier.
  let id: String
  /// The key, as metadata lists it.
  let key: JSONObject

  init(_ key: SigningKey) {
    id = key.id
    self.key = key.publicObject
  }

  /// Reads a file.
  init(_ path: FilePath) throws {
    let bytes = try Files.read(path, atMost: KeyFile.maximumSize)
    guard let object = (try? JSONValue(parsing: bytes))?.object, object["kind"]?.string == Self.kind,
      let id = object["keyid"]?.string, let key = object["key"]?.object
    else {
      throw JobError(
        .keyUnusable,
        "\(path): this is not a public key of kscmirror's",
        remedy:
          "Make one with 'kscmirror keys create', which writes it beside the private key, with .pub appended to its name."
      )
    }
    self.id = id
    self.key = key
  }

  private static let kind = "kscmirror public key"

  var serialized: [UInt8] {
    JSONValue.object(["kind": .string(Self.kind), "keyid": .string(id), "key": .object(key)]).serialized
      + [UInt8(ascii: "\n")]
  }
}
