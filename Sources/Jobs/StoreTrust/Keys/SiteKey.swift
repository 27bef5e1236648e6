import JobCore
import Trust

/// The key by which a site signs what it says of itself. It lies in `keys/site.key`, open, since import signs without
/// anybody there; it signs no metadata, so that a store that has it alone is still an isolated one.
package struct SiteKey: InContext {
  /// What the key's file says it is for.
  package static let role = "site"

  package let context: JobContext

  package init(in context: JobContext) { self.context = context }

  private func file() throws -> KeyFile? {
    let path = folders.key(Self.role)
    guard let file = try KeyStorage.read(path) else { return nil }
    guard file.role == Self.role else {
      throw JobError(
        .keyUnusable,
        "\(path): this is a key for '\(file.role)', not a site's",
        remedy: "Put the right key back; without one, the next import makes a new one."
      )
    }
    return file
  }

  /// The key's fingerprint; `nil` as long as there is none.
  package func fingerprint() throws -> Fingerprint? { try file().flatMap { Fingerprint($0.id) } }

  /// Reads the key, or makes it. The caller holds the lock of the receipts.
  @discardableResult
  package func readOrMake() throws -> SigningKey {
    let path = folders.key(Self.role)
    let there = try file()
    do throws(KeyError) {
      if let there { return try there.unlock(passphrase: nil) }
    } catch {
      throw JobError(error, at: path.string)
    }
    let key = SigningKey()
    let made: KeyFile
    do throws(KeyError) {
      made = try KeyFile(key, role: Self.role, created: clock.now, passphrase: nil)
    } catch {
      throw JobError(error, at: path.string)
    }
    try KeyStorage.write(made, to: path)
    return key
  }
}
