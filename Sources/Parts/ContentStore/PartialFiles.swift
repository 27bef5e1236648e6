import Crypto
import FileSystem
import MirrorTypes
import SystemPackage

/// Names of unfinished files in `partial/` that a later run may go on with.
///
/// `<key>.kept`: closed in order, its bytes are on the disk.
/// `<key>.<boot>`: was being written when its process ended. The bytes are whole in the kernel's memory as long as the
/// machine did not restart, which the kernel's number for this boot tells; after a restart nothing is sure about them.
/// `<key>.tag`: beside either, what the server said by which the rest can be known to belong to it.
struct PartialFiles: Sendable {
  /// Unfinished files below this size are not worth keeping.
  static let smallestKept: Int64 = 1 << 20
  /// Unfinished files that nobody went on with for this long are removed by prune: a week, in seconds.
  static let staleAge: Int64 = 7 * 86_400

  /// The most unfinished files that are kept from one run to the next, the newest, and their most bytes together.
  static let mostKept = 64
  static let mostBytesKept: Int64 = 64 << 30
  /// The most bytes of a tag.
  static let longestTag = 1024

  private let folder: FilePath

  init(_ folder: FilePath) { self.folder = folder }

  /// The part of a name that stands for a key.
  static func name(ofKey key: String) -> String {
    SHA256.hash(data: Array(key.utf8)).prefix(16).map { byte in
      let hex = String(byte, radix: 16)
      return hex.count == 1 ? "0" + hex : hex
    }.joined()
  }

  /// The number of this boot; `nil` where the kernel does not tell, so that nothing is trusted.
  static func boot() -> String? { ofThisBoot }

  private static let ofThisBoot: String? = {
    guard let text = try? Files.read("/proc/sys/kernel/random/boot_id", atMost: 64) else { return nil }
    let name = String(decoding: text, as: UTF8.self).filter { $0.isHexDigit }
    return name.isEmpty ? nil : name
  }()

  /// The name for a file that is being written.
  func livePath(_ name: String, boot: String?) -> FilePath { folder.appending("\(name).\(boot ?? "unknown")") }

  /// The name for a file that was closed in order.
  func keptPath(_ name: String) -> FilePath { folder.appending("\(name).kept") }

  /// The name for what was noted of a file.
  func tagPath(_ name: String) -> FilePath { folder.appending("\(name).tag") }

  /// What a name in the folder is a tag for; `nil` for any other name.
  static func keyOfTag(_ name: String) -> Substring? {
    let parts = name.split(separator: ".")
    return parts.count == 2 && parts[1] == "tag" ? parts[0] : nil
  }

  /// Whether a later run may go on with a file of this name.
  static func isTrusted(_ name: String, boot: String?) -> Bool {
    let parts = name.split(separator: ".")
    guard parts.count == 2, parts[0].count == 32, parts[0].allSatisfy(\.isHexDigit) else { return false }
    return parts[1] == "kept" || (boot != nil && parts[1] == boot.map { $0[...] })
  }
}
