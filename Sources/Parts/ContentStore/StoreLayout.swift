import Catalogue
import FileSystem
import MirrorTypes
import SystemPackage

/// Where the content of a store lies, and what is below that; the rest is in ``StoreMap``.
struct StoreLayout: Sendable {
  /// The store's folder, all links followed.
  let root: FilePath
  /// `objects/ab/…`: the bytes, by digest.
  let objects: FilePath
  /// `partial/`: all that is not finished, with names that say what may be kept.
  let partial: FilePath
  /// `releases/N/`: published trees.
  let releases: FilePath
  /// The SQLite catalogue.
  let catalogue: FilePath
  /// The writer's lock.
  let lock: FilePath
  /// The link to the release that is served.
  let current: FilePath
  /// The link to the release that was served before.
  let previous: FilePath
  /// Exists while `objects/` may hold files that the catalogue does not name.
  let unsettled: FilePath

  private let objectsPrefix: String

  init(_ root: FilePath) {
    self.root = root
    let map = StoreMap(root)
    objects = map[.objects]
    partial = map[.partial]
    releases = map[.releases]
    catalogue = map[.catalogue]
    lock = map[.lock]
    current = map[.current]
    previous = map[.previous]
    unsettled = map[.unsettled]
    objectsPrefix = objects.string + "/"
  }

  /// The 256 folders that objects are spread over.
  static let fanOut: [String] = (0..<256).map { value in
    let hex = String(value, radix: 16)
    return hex.count == 1 ? "0" + hex : hex
  }

  /// Where an object lies.
  func path(of object: ObjectDigest) -> FilePath {
    let hex = object.hex
    return FilePath(objectsPrefix + hex.prefix(2) + "/" + hex.dropFirst(2))
  }

  /// The folder of a release.
  func release(_ number: Int) -> FilePath { releases.appending(String(number)) }

  /// The folder in which a release is built.
  func partialRelease(_ number: Int) -> FilePath { releases.appending("\(number).partial") }

  /// The number that a name in `releases/` stands for; `nil` for any name that is not a release's.
  static func releaseNumber(_ name: some StringProtocol) -> Int? {
    guard let number = Int(name), number > 0, String(number) == name else { return nil }
    return number
  }
}
