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

  private let file: StateFile
  private let clock: WallClock

  init(_ context: JobContext) {
    clock = context.clock
    file = StateFile(
      context.folders.pendingPackage,
      kind: "kscmirror package",
      remedy: "Remove it: a package that was asked for just now may be made twice then.",
      maximumSize: 4096,
      isPrivate: true,
      wasUnmarked: true
    )
  }

  /// When a package was asked for that nobody has seen made; `nil`: never.
  func asked(for sha256: String) throws -> UTCTime? {
    guard let object = try file.readIfIntact(), object["sha256"]?.string == sha256 else { return nil }
    return object["asked"]?.integer.flatMap(UTCTime.init(written:))
  }

  func note(_ sha256: String) throws {
    try file.write(["sha256": .string(sha256), "asked": .integer(clock.now.seconds)])
  }

  func clear() throws {
    try file.remove()
  }
}
