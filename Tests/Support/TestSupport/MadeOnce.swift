import Foundation
import Synchronization
import SystemPackage

/// Folders that cost time to make and are the same for many tests: each is made once a process, and every test gets a
/// copy of its own.
package final class MadeOnce: Sendable {
  /// Those of this process; they are removed when it ends.
  package static let shared: MadeOnce = {
    atexit { MadeOnce.shared.clear() }
    return MadeOnce()
  }()

  private let made = Mutex<[String: TemporaryFolder]>([:])

  private init() {}

  /// Copies a folder to a place where nothing is yet.
  ///
  /// - Parameters:
  ///   - key: what the folder follows from.
  ///   - make: makes it, in a folder that is not there yet.
  package func copy(_ key: String, to place: FilePath, make: (FilePath) throws -> Void) throws {
    let original = try made.withLock { made in
      if let original = made[key] { return original }
      let original = TemporaryFolder()
      try make(original["made"])
      made[key] = original
      return original
    }
    try FileManager.default.copyItem(atPath: original["made"].string, toPath: place.string)
  }

  private func clear() { made.withLock { $0.removeAll() } }
}
