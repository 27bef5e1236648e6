import FileSystem
import JobCore
import StrictJSON
import SystemPackage
import Trust

/// A root that is not in force yet: it waits until enough people have signed it.
package struct PendingRoot {
  /// The name of its file, beside the metadata that is in force.
  static let name = "next-root.json"

  private let folders: StoreFolders

  package init(_ folders: StoreFolders) { self.folders = folders }

  /// Where it lies.
  package var path: FilePath { folders.metadata.appending(Self.name) }

  /// Where the root in force lies.
  private var rootPath: FilePath { folders.metadata.appending("root.json") }

  /// The root in force; `nil` before the first.
  package func current() throws -> SignedMetadata? { try Self.read(rootPath) }

  /// The root that waits; `nil` if none does.
  func waiting() throws -> SignedMetadata? { try Self.read(path) }

  /// Reads root metadata; `nil` if the file is not there.
  package static func read(_ path: FilePath) throws -> SignedMetadata? {
    do {
      return try parse(try Files.read(path, atMost: MetadataLimits().root), path)
    } catch let error as FileError where error.reason == .noSuchFileOrDirectory {
      return nil
    }
  }

  /// The same in a folder of somebody else's.
  package static func read(_ place: Place) throws -> SignedMetadata? {
    do {
      return try parse(try place.read(atMost: MetadataLimits().root), place.shown)
    } catch let error as FileError where error.reason == .noSuchFileOrDirectory {
      return nil
    }
  }

  private static func parse(_ bytes: [UInt8], _ path: FilePath) throws -> SignedMetadata {
    do {
      let signed = try SignedMetadata(parsing: bytes)
      _ = try RootMetadata(signed.signed)
      return signed
    } catch {
      throw JobError(.damagedBundle, "\(path): this is not root metadata: \(error)")
    }
  }

  /// Keeps a root that waits.
  func save(_ root: SignedMetadata) throws {
    try Files.makeFolder(folders.metadata)
    try Files.replace(path, with: root.serialized)
  }

  /// Puts the root that waits in force, if enough have signed it.
  ///
  /// - Returns: the root that is in force now; `nil` if signatures are still missing, or none waits.
  func publish() throws -> SignedMetadata? {
    guard let next = try waiting(), try isEnough(next) else {
      try finishKeys()
      return nil
    }
    let version = next.signed["version"]?.integer ?? 1
    try Files.replace(folders.metadata.appending("\(version).root.json"), with: next.serialized)
    try Files.replace(rootPath, with: next.serialized)
    try Files.remove(path)
    try finishKeys()
    return next
  }

  /// Whether the old keys and the new ones have signed.
  func isEnough(_ next: SignedMetadata) throws -> Bool {
    let current = try current()
    do throws(TrustError) {
      var trusted = try TrustedMetadata(trustedRoot: (current ?? next).serialized, now: .epoch)
      if current != nil { _ = try trusted.take(root: next.serialized) }
      return true
    } catch {
      switch error {
      case .unknownKey, .tooFewSignatures: return false
      default: throw JobError(error, at: path.string)
      }
    }
  }

  /// Where the key of a role waits for its root.
  func nextKey(_ role: String) -> FilePath { folders.keys.appending("\(role).key.next") }

  /// Gives keys whose root is in force now their names.
  private func finishKeys() throws {
    guard let current = try current() else { return }
    let listed = current.signed["keys"]?.object ?? JSONObject()
    for role in TopRole.allCases.map(\.rawValue) {
      let waiting = nextKey(role)
      guard let key = try KeyStorage.read(waiting), listed[key.id] != nil else { continue }
      try Files.rename(waiting, to: folders.key(role))
    }
  }
}
