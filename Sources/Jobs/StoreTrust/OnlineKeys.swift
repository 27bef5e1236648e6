import FileSystem
import JobCore
import SystemPackage
import Trust

/// The keys that sign without anybody there: one for each role but the root.
package struct OnlineKeys: Sendable {
  /// The roles.
  package enum Role: String, CaseIterable {
    case targets
    case snapshot
    case timestamp
    /// The volumes of a bundle, delegated by targets.
    case volumes
  }

  private var targets: SigningKey
  private var snapshot: SigningKey
  private var timestamp: SigningKey
  private var volumes: SigningKey

  /// Makes new keys.
  init() { self.init { _ in SigningKey() } }

  /// Takes the key of each role from somewhere.
  private init<E: Error>(_ key: (Role) throws(E) -> SigningKey) throws(E) {
    targets = try key(.targets)
    snapshot = try key(.snapshot)
    timestamp = try key(.timestamp)
    volumes = try key(.volumes)
  }

  /// Whether a store has keys to sign with.
  package static func arePresent(in folders: StoreFolders) throws -> Bool {
    try Files.status(folders.key(Role.targets.rawValue)) != nil
  }

  /// Reads the keys of a store.
  package init(in folders: StoreFolders) throws {
    try self.init { role in
      let path = folders.key(role.rawValue)
      guard let file = try KeyStorage.read(path) else {
        throw JobError(
          .keyUnusable,
          "\(path): the key is missing",
          remedy: "Put it back from where it was kept, or make a new one with 'kscmirror keys rotate \(role.rawValue)'."
        )
      }
      do throws(KeyError) { return try file.unlock(passphrase: nil) } catch {
        throw JobError(error, at: path.string)
      }
    }
  }

  /// The key of a role.
  package subscript(role: Role) -> SigningKey {
    get { self[keyPath: Self.place(of: role)] }
    set { self[keyPath: Self.place(of: role)] = newValue }
  }

  private static func place(of role: Role) -> WritableKeyPath<OnlineKeys, SigningKey> {
    switch role {
    case .targets: \.targets
    case .snapshot: \.snapshot
    case .timestamp: \.timestamp
    case .volumes: \.volumes
    }
  }
}

/// Key files on a disk.
enum KeyStorage {
  /// Reads a key file; `nil` if it is not there.
  static func read(_ path: FilePath) throws -> KeyFile? {
    let bytes: [UInt8]
    do {
      bytes = try Files.read(path, atMost: KeyFile.maximumSize)
    } catch {
      if error.reason == .noSuchFileOrDirectory { return nil }
      throw error
    }
    do throws(KeyError) { return try KeyFile(parsing: bytes) } catch { throw JobError(error, at: path.string) }
  }

  /// Writes a key file that nobody else can read.
  static func write(_ file: KeyFile, to path: FilePath) throws {
    try Files.makeFolder(path.removingLastComponent(), permissions: 0o700)
    try Files.replace(path, with: file.serialized, permissions: 0o600)
  }
}
