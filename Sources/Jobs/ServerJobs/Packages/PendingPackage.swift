import FileSystem
import JobCore
import MirrorTypes
import StrictJSON
import SystemPackage
import Trust

/// A note of the package that a server is about to be asked for, on the disk before it is asked. What a killed run has
/// asked for may appear on the server yet, and no other session can ask how far it is: the next run gives it time
/// instead of asking for a second package.
struct PendingPackage {
  /// How long after it was asked for a package may appear that nobody waits for, in seconds.
  static let patience: Int64 = 120
  private static let kind = "kscmirror package"

  private let file: FilePath

  init(_ store: FilePath) { file = StoreFolders(store).pendingPackage }

  /// When a package was asked for that nobody has seen made, in seconds since 1970; `nil`: never.
  func asked(for sha256: String) throws -> Int64? {
    guard try Files.status(file) != nil else { return nil }
    let bytes = try Files.read(file, atMost: 4096)
    guard let object = (try? JSONValue(parsing: bytes))?.object, object["kind"]?.string == Self.kind,
      object["sha256"]?.string == sha256
    else { return nil }
    return object["asked"]?.integer
  }

  func note(_ sha256: String) throws {
    let object: JSONObject = [
      "kind": .string(Self.kind), "sha256": .string(sha256), "asked": .integer(WallClock.seconds),
    ]
    try Files.replace(file, with: JSONValue.object(object).serialized, permissions: 0o600)
  }

  func clear() throws {
    if try Files.status(file) != nil { try Files.remove(file) }
  }
}
