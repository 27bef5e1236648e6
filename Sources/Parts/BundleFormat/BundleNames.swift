import FileSystem
import SystemPackage

/// The names in a bundle's folder: what FAT and NTFS take (kscmirror-bundle(5)).
package struct BundleNames: Sendable, Hashable {
  /// The snapshot's number.
  package let snapshot: Int
  /// The snapshot that an incremental bundle needs; `nil` for a full one.
  package let base: Int?

  /// The most that a number of a snapshot can be.
  package static let maximumSnapshot = 999_999_999
  /// The most volumes of a bundle.
  package static let maximumVolumes = 9999
  /// The folder of the metadata, below the bundle's.
  package static let metadata = "data/metadata"
  /// The folder of the volumes, below the bundle's.
  package static let volumes = "data/volumes"
  /// The folder of packages of this program, below the bundle's; only in a bundle that carries some.
  package static let programs = "data/program"
  /// The list of all files of the payload, as sha256sum writes it.
  package static let manifest = "manifest-sha256.txt"
  /// A hint for people: what lies on which stick.
  package static let hints = "VOLUMES.txt"
  /// The label.
  package static let label = "LABEL.txt"

  private static let prefix = "kscmirror-"
  private static let between = "-from-"

  /// The names of a snapshot's bundle.
  package init(snapshot: Int, base: Int? = nil) {
    self.snapshot = snapshot
    self.base = base
  }

  /// Reads the name of a bundle's folder; `nil` for what is none.
  init?(folder name: String) {
    guard let rest = name.removing(prefix: Self.prefix) else { return nil }
    let numbers = rest.split(separator: Self.between, omittingEmptySubsequences: false)
      .map { Int($0) ?? 0 }
    guard numbers.count <= 2, numbers.allSatisfy({ (1...Self.maximumSnapshot).contains($0) }) else { return nil }
    self.init(snapshot: numbers[0], base: numbers.dropFirst().first)
    guard folder == name else { return nil }
  }

  /// The bundle's folder: `kscmirror-000042`, and `kscmirror-000042-from-000040` for an incremental one.
  package var folder: String {
    Self.prefix + Self.padded(snapshot, to: 6) + (base.map { Self.between + Self.padded($0, to: 6) } ?? "")
  }

  /// The folder while it is being written.
  var partial: String { folder + ".part" }

  /// The folder while it is being removed.
  var removed: String { folder + ".old" }

  /// Whether a name is that of a bundle's folder while it is written or removed: what an interrupted run leaves.
  package static func isLeftover(_ name: String) -> Bool {
    guard let dot = name.lastIndex(of: "."), let names = BundleNames(folder: String(name[..<dot])) else { return false }
    return name == names.partial || name == names.removed
  }

  /// The name of a volume, counted from 0.
  package func volume(_ index: Int) -> String { "\(folder).\(Self.padded(index + 1, to: 3)).tar.zst" }

  /// The name of a parity volume, counted from 1.
  package func parity(_ number: Int) -> String { "\(folder).p\(Self.padded(number, to: 2)).parity" }

  private static func padded(_ number: Int, to width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
