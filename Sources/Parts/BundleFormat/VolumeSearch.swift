import FileSystem
import MirrorTypes
import SystemPackage

/// A folder in which volumes may lie.
package struct VolumePlace: Sendable, Hashable {
  /// The folder.
  package var folder: Place
  /// The volumes that are not taken from there.
  package var avoiding: Set<String>

  /// A folder.
  package init(_ folder: Place, avoiding: Set<String> = []) {
    self.folder = folder
    self.avoiding = avoiding
  }
}

/// What was found of a volume, by names and sizes alone.
package enum VolumeFinding: Sendable, Hashable {
  /// All of it, in one file, or in pieces, in order.
  case whole([Place])
  /// Pieces, and not all of them: their numbers, from all places together.
  case partly(Set<Int>)
  /// A file or pieces that have not the bytes that the volume has.
  case wrongSize
  /// Nothing.
  case missing
}

/// Looks for volumes in one or more folders: whole, or in pieces that may lie in several of them.
package struct VolumeSearch: Sendable {
  /// What lies in one folder of one volume.
  private struct Content {
    var whole: (path: Place, status: FileStatus)?
    var pieces: [Int: (path: Place, size: Int64)] = [:]
    /// Whether a piece is there twice, or is no plain file.
    var isOdd = false
  }

  /// How many names of a folder are looked at: more than the pieces of any bundle.
  private static let mostEntries = 200_000

  private typealias Contents = [VolumeFileName: Content]

  /// What lies where, by the name of the file that would hold the whole volume.
  private let found: [(place: VolumePlace, contents: Contents)]

  /// Reads the folders; one that is not there has nothing.
  package init(_ places: [VolumePlace]) throws(FileError) {
    var found: [(place: VolumePlace, contents: Contents)] = []
    for place in places { found.append((place, try Self.contents(of: place))) }
    self.found = found
  }

  private static func contents(of place: VolumePlace) throws(FileError) -> Contents {
    guard try place.folder.status()?.kind == .folder else { return [:] }
    var contents: Contents = [:]
    for entry in try place.folder.entries(atMost: mostEntries) {
      let name = VolumeFileName(entry.name)
      guard !place.avoiding.contains(name.volume) else { continue }
      let path = place.folder.appending(entry)
      guard let status = try path.status() else { continue }
      var content = contents[name.whole] ?? Content()
      if let piece = name.piece {
        if content.pieces[piece] != nil || status.kind != .file { content.isOdd = true }
        content.pieces[piece] = (path, status.size)
      } else {
        content.whole = (path, status)
      }
      contents[name.whole] = content
    }
    return contents
  }

  /// The pieces of a volume in the first of the folders, by their numbers; none if they contradict themselves.
  ///
  /// - Parameter file: what the file with the whole volume would be called.
  package func pieces(of file: VolumeFileName) -> [Int: (path: Place, size: Int64)] {
    guard let content = found.first?.contents[file], content.whole == nil, !content.isOdd else { return [:] }
    return content.pieces
  }

  /// The pieces of a volume in the first of the folders, by their numbers, under any name that they can have.
  package func pieces(of volume: Volume) -> [Int: (path: Place, size: Int64)] {
    volume.files.map { pieces(of: $0) }.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
  }

  /// Looks for a volume, under any name that its file can have.
  package func find(_ volume: Volume) -> VolumeFinding { find(volume.files, size: volume.size) }

  /// Looks for a file of `size` bytes by this name alone, whole or in pieces.
  package func find(_ name: String, size: Int64) -> VolumeFinding {
    find([VolumeFileName(volume: name, piece: nil)], size: size)
  }

  private func find(_ files: [VolumeFileName], size: Int64) -> VolumeFinding {
    var pieces: [[Int: (path: Place, size: Int64)]] = []
    var isWrong = false
    let there = found.flatMap { _, contents in
      files.compactMap { file in contents[file] }
    }
    for content in there {
      // Where the whole and pieces lie together, the whole counts.
      if let whole = content.whole {
        if whole.status.kind == .file, whole.status.size == size { return .whole([whole.path]) }
        isWrong = true
      } else if content.isOdd || content.pieces.values.contains(where: { $0.size > size }) {
        isWrong = true
      } else {
        pieces.append(content.pieces)
      }
    }
    // Pieces that belong together lie together, unless they came on several media.
    let merged = pieces.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
    let other = pieces.reduce(into: [:]) { $0.merge($1) { _, second in second } }
    for candidate in pieces + [merged, other] {
      if let files = Self.joined(candidate, size: size) { return .whole(files) }
    }
    if isWrong { return .wrongSize }
    guard !merged.isEmpty else { return .missing }
    return merged.values.totalBytes(\.size) >= size ? .wrongSize : .partly(Set(merged.keys))
  }

  /// The files of all pieces in order, if they make up `size` bytes without a gap.
  private static func joined(_ pieces: [Int: (path: Place, size: Int64)], size: Int64) -> [Place]? {
    guard !pieces.isEmpty, pieces.values.totalBytes(\.size) == size else { return nil }
    var files: [Place] = []
    for number in 1...pieces.count {
      guard let piece = pieces[number] else { return nil }
      files.append(piece.path)
    }
    return files
  }
}
