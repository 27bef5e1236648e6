import FileSystem
import JobCore
import SystemPackage
import Trust

/// The keys by which a store opens what is sealed to it, parcels on the connected side and deliveries at a site:
/// `keys/sealing.key`, to which the other side seals, and `keys/sealing-ID.key`, which earlier ones are sealed to.
package struct SealingKeys: InContext {
  /// What `keys rotate` calls it.
  static let role = KeyFile.sealingRole

  package let context: JobContext

  package init(in context: JobContext) { self.context = context }

  private func kept(_ id: String) -> FilePath { folders.key("\(Self.role)-\(id)") }

  /// The key that the other side seals to; `nil` as long as there is none.
  package func current() throws -> SealingKey? { try read(folders.key(Self.role)) }

  /// The identifiers of the keys from before, sorted.
  func keptIDs() throws -> [String] {
    guard try Files.status(folders.keys)?.kind == .folder else { return [] }
    return try Files.entries(of: folders.keys).compactMap { entry in
      guard entry.name.hasPrefix("\(Self.role)-"), entry.name.hasSuffix(".key") else { return nil }
      return String(entry.name.dropFirst(Self.role.count + 1).dropLast(".key".count))
    }
  }

  /// The key with an identifier, of today or from before.
  package func key(_ id: String) throws -> SealingKey? {
    if let current = try current(), current.id == id { return current }
    guard try keptIDs().contains(id) else { return nil }
    return try read(kept(id))
  }

  /// The key that the other side seals to; made if there is none.
  package func readOrMake() throws -> SealingKey {
    if let current = try current() { return current }
    return try StoreLock.parcelsNotes.holding(folders) {
      // Another run may have made it meanwhile.
      if let current = try current() { return current }
      return try make()
    }
  }

  /// Makes a new key, and keeps the one before.
  func rotate() throws {
    try StoreLock.parcelsNotes.holding(folders) {
      if let before = try current() {
        try KeyStorage.write(KeyFile(before, created: clock.now), to: kept(before.id))
      }
      _ = try make()
    }
  }

  private func make() throws -> SealingKey {
    let key = SealingKey()
    try KeyStorage.write(KeyFile(key, created: clock.now), to: folders.key(Self.role))
    return key
  }

  private func read(_ path: FilePath) throws -> SealingKey? {
    guard let file = try KeyStorage.read(path) else { return nil }
    do throws(KeyError) { return try file.sealingKey() } catch { throw JobError(error, at: path.string) }
  }
}
