import FileSystem
import MirrorTypes
import SystemPackage

/// Looks for the folders of bundles, whatever they are called by now: people rename them, unpack archives of them, and
/// copy them into folders of their own.
///
/// A folder is a bundle's if its bag says so, or, without a bag, if its name does. Neither is a proof: what the bundle
/// is, its signed metadata tells.
enum BundleSearch {
  /// How far below the folder that somebody has named a bundle may lie.
  private static let deepest = 3
  /// How many folders are looked into.
  private static let mostFolders = 2000
  /// The most bytes of the bag's information.
  private static let largestInformation = 64 << 10

  /// The bundles in the nearest folders that have any, newest snapshot last.
  static func bundles(in top: Place) throws(FileError) -> [BundleReader] {
    var level = [top]
    var empty: [BundleReader] = []
    var left = mostFolders
    for depth in 1...deepest {
      var found: [BundleReader] = []
      var hollow: [BundleReader] = []
      var next: [Place] = []
      for folder in level {
        for entry in try entries(of: folder, isTop: depth == 1) {
          let place = folder.appending(entry)
          if let bundle = bundle(place) {
            guard isHollow(bundle) else {
              found.append(bundle)
              continue
            }
            hollow.append(bundle)
          }
          guard left > 0 else { continue }
          left -= 1
          next.append(place)
        }
      }
      if depth == 1 { empty = hollow }
      if !found.isEmpty { return sorted(found + hollow) }
      level = next
    }
    return sorted(empty)
  }

  /// Whether bundles lie in a folder itself.
  static func isTop(_ folder: Place) throws(FileError) -> Bool {
    try entries(of: folder, isTop: true).contains { bundle(folder.appending($0)) != nil }
  }

  /// The bundle that a path leads to or into.
  static func around(_ path: FilePath) throws(FileError) -> BundleReader? {
    var candidate = path
    for _ in 0..<4 {
      guard candidate.lastComponent != nil else { return nil }
      if let place = try? folder(at: candidate), let bundle = bundle(place) {
        // Somebody may have unpacked a bundle into a folder of its name.
        if isHollow(bundle), let inner = try? bundles(in: place), !inner.isEmpty { return nil }
        return bundle
      }
      candidate = candidate.removingLastComponent()
    }
    return nil
  }

  /// A folder by the one that it lies in, where that is of the same file system: what is laid beside a bundle lies on its
  /// medium.
  private static func folder(at path: FilePath) throws(FileError) -> Place {
    let place = try Place(at: path)
    let (own, around) = (try place.status(), try place.parent.status())
    guard own?.kind == .folder else { throw FileError("open the folder", path, .notDirectory) }
    return own?.device == around?.device ? place : try OpenFolder(path).place
  }

  /// The bundle whose folder this is.
  static func bundle(_ folder: Place) -> BundleReader? {
    let named = BundleNames(folder: folder.name)
    guard named != nil || !BundleNames.isLeftover(folder.name) else { return nil }
    if let names = identifier(of: folder) { return BundleReader(folder, names) }
    // Some ways of copying leave capitals only.
    let anyCase = folder.ignoringCase
    if let names = identifier(of: anyCase) { return BundleReader(anyCase, names) }
    return named.map { BundleReader(folder, $0) }
  }

  /// The bundle's name as the bag's information has it; `nil` without a bag of ours.
  private static func identifier(of folder: Place) -> BundleNames? {
    guard let bytes = try? folder.appending(Bag.info).read(atMost: largestInformation) else { return nil }
    for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
      guard let value = line.removing(prefix: "\(BundleNames.identifier): ") else { continue }
      return value.split(separator: ",").first.flatMap { BundleNames(folder: String($0)) }
    }
    return nil
  }

  /// Whether a folder has the name of a bundle, and nothing of one.
  private static func isHollow(_ bundle: BundleReader) -> Bool {
    (try? bundle.folder.appending("data").status())??.kind != .folder
  }

  /// The folders in one that a bundle may lie in, or be.
  private static func entries(of folder: Place, isTop: Bool) throws(FileError) -> [Files.Entry] {
    let all: [Files.Entry]
    do throws(FileError) {
      all = try folder.entries(atMost: BundleReader.mostEntries)
    } catch {
      // What others have locked, or taken away meanwhile, is no reason to find nothing.
      guard !isTop, error.isNotReachable else { throw error }
      return []
    }
    return all.filter { entry in
      guard entry.kind == .folder || entry.kind == nil else { return false }
      return !SystemNames.isKnown(entry.name, isFolder: true) && !BundleNames.isLeftover(entry.name)
        && ParcelNames(folderOfAnyCase: entry.name) == nil && !ParcelNames.isLeftover(entry.name)
    }
  }

  private static func sorted(_ bundles: [BundleReader]) -> [BundleReader] {
    bundles.sorted { $0.snapshot < $1.snapshot }
  }
}

extension FileError {
  /// Whether a folder cannot be looked into, or is none any more.
  fileprivate var isNotReachable: Bool {
    [.permissionDenied, .notPermitted, .noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels].contains(
      reason
    )
  }
}
