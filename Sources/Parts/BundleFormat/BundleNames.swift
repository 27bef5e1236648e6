import FileSystem
import MirrorTypes
import SystemPackage

/// The names in a bundle's folder: what FAT and NTFS take (kscmirror-bundle(5)).
package struct BundleNames: Sendable, Hashable {
  /// The snapshot's number.
  package let snapshot: Int
  /// The snapshot that an incremental bundle needs; `nil` for a full one.
  package let base: Int?
  /// The site that the folder is named after; `nil` for a bundle for any site, and for programs that do not know such
  /// names. Volumes are named without it.
  package let site: String?

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
  /// What lies in a bundle's folder as long as it is not whole: who writes it.
  package static let unfinished = "UNFINISHED.txt"
  /// The field of the bag's information that has the bundle's name.
  package static let identifier = "External-Identifier"

  private static let prefix = "kscmirror-"
  private static let between = "-from-"
  private static let recipient = "-for-"
  private static let leftovers = [".part", ".old"]

  /// The names of a snapshot's bundle.
  package init(snapshot: Int, base: Int? = nil, site: String? = nil) {
    self.snapshot = snapshot
    self.base = base
    self.site = site
  }

  /// Reads the name of a bundle's folder; `nil` for what is none.
  package init?(folder name: String) {
    guard let rest = name.removing(prefix: Self.prefix) else { return nil }
    let parts = rest.split(separator: Self.recipient, maxSplits: 1, omittingEmptySubsequences: false)
    let site = parts.dropFirst().first.map(String.init)
    if let site {
      guard SiteName.isValid(site), Self.inFolder(site).hasSameBytes(as: site) else { return nil }
    }
    let numbers = (parts.first ?? "").split(separator: Self.between, omittingEmptySubsequences: false)
      .map { Int($0) ?? 0 }
    guard (1...2).contains(numbers.count), numbers.allSatisfy({ (1...Self.maximumSnapshot).contains($0) }) else {
      return nil
    }
    self.init(snapshot: numbers[0], base: numbers.dropFirst().first, site: site)
    guard folder == name else { return nil }
  }

  /// What the names of volumes begin with.
  private var stem: String {
    Self.prefix + Self.padded(snapshot, to: 6) + (base.map { Self.between + Self.padded($0, to: 6) } ?? "")
  }

  /// The bundle's folder: `kscmirror-000042`, `kscmirror-000042-from-000040` for an incremental one, and either with
  /// `-for-plant` for one that is for the site `plant` only.
  package var folder: String { stem + (site.map { Self.recipient + Self.inFolder($0) } ?? "") }

  /// A site's name as that of a folder has it: one that ends like an unfinished folder's gets another dot.
  private static func inFolder(_ site: String) -> String {
    guard let dot = site.utf8.lastIndex(of: UInt8(ascii: ".")),
      leftovers.contains(site[dot...].lowercased())
    else { return site }
    return site[..<dot] + "_" + site[site.utf8.index(after: dot)...]
  }

  /// The folder while it is being written.
  package var partial: String { folder + ".part" }

  /// The folder while it is being removed.
  package var removed: String { folder + ".old" }

  /// Whether a name is that of a bundle's folder while it is written or removed: what an interrupted run leaves.
  package static func isLeftover(_ name: String) -> Bool {
    guard let dot = name.lastIndex(of: "."), let names = BundleNames(folder: String(name[..<dot])) else { return false }
    return name == names.partial || name == names.removed
  }

  /// The name of a volume, counted from 0.
  package func volume(_ index: Int) -> String { "\(stem).\(Self.padded(index + 1, to: 3)).tar.zst" }

  /// The name of a parity volume, counted from 1.
  package func parity(_ number: Int) -> String { "\(stem).p\(Self.padded(number, to: 2)).parity" }

  private static func padded(_ number: Int, to width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
