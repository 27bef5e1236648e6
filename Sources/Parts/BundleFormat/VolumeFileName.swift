import SystemPackage

/// The name of a file that holds a volume, or one of the pieces that a volume is cut into: `….tar.zst.part01`.
package struct VolumeFileName: Sendable, Hashable {
  /// The volume's name.
  package let volume: String
  /// The piece, counted from 1; `nil` for the whole volume.
  package let piece: Int?
  private let digits: Int

  /// The most pieces of a volume.
  package static let maximumPieces = 99_999
  private static let mark = ".part"

  /// A name.
  ///
  /// - Parameter digits: how many digits a piece's number has at least: enough for the last one's, so that names sort
  ///   as numbers do.
  package init(volume: String, piece: Int?, digits: Int = 2) {
    self.volume = volume
    self.piece = piece
    self.digits = max(2, digits)
  }

  /// Reads a name; whatever is no name of a piece is taken as a volume's.
  package init(_ text: String) {
    let digits = text.utf8.reversed().prefix { (0x30...0x39).contains($0) }.count
    let stem = text.dropLast(digits)
    guard (2...5).contains(digits), stem.hasSuffix(Self.mark), let piece = Int(text.suffix(digits)), piece >= 1 else {
      self.init(volume: text, piece: nil)
      return
    }
    self.init(volume: String(stem.dropLast(Self.mark.count)), piece: piece, digits: digits)
  }

  /// The file's name.
  package var text: String {
    guard let piece else { return volume }
    let number = String(piece)
    return volume + Self.mark + String(repeating: "0", count: max(0, digits - number.count)) + number
  }

  /// What a volume that lies in these files is called in messages: the file, or the name that its pieces share.
  static func joined(_ files: [FilePath]) -> FilePath {
    guard let first = files.first, let name = first.lastComponent?.string, files.count > 1 else {
      return files.first ?? ""
    }
    return first.removingLastComponent().appending(VolumeFileName(name).volume)
  }
}
