import FileSystem
import MirrorTypes
import SystemPackage

/// The name of a file that holds a volume, or one of the pieces that a volume is cut into: the volume's SHA-256 and a
/// dot, as TUF's consistent snapshots ask, the volume's name, and the piece: `5f2c….tar.zst.part01`.
///
/// What the name says is no more than a hint: bytes are judged by the SHA-256 in signed metadata.
package struct VolumeFileName: Sendable, Hashable {
  /// The volume's own name, by which signed metadata lists it.
  package let volume: String
  /// The SHA-256 before it; `nil` where there is none, as in bundles before format 3.
  package let digest: ObjectDigest?
  /// The piece, counted from 1; `nil` for the whole volume.
  package let piece: Int?
  private let digits: Int

  /// The most pieces of a volume.
  package static let maximumPieces = 99_999
  private static let mark = ".part"
  private static let digestLength = 2 * ObjectDigest.byteCount

  /// A name.
  ///
  /// - Parameter digits: how many digits a piece's number has at least: enough for the last one's, so that names sort
  ///   as numbers do.
  package init(volume: String, digest: ObjectDigest? = nil, piece: Int?, digits: Int = 2) {
    self.volume = volume
    self.digest = digest
    self.piece = piece
    self.digits = max(2, digits)
  }

  /// Reads a name; whatever is not a name of a piece, or has no SHA-256 in lower-case digits before it, is taken as part of
  /// the volume's.
  package init(_ text: String) {
    let (digest, name) = Self.withoutDigest(text)
    let digits = name.utf8.reversed().prefix { (0x30...0x39).contains($0) }.count
    let stem = name.dropLast(digits)
    guard (2...5).contains(digits), let volume = stem.removing(suffix: Self.mark), let piece = Int(name.suffix(digits)),
      piece >= 1
    else {
      self.init(volume: String(name), digest: digest, piece: nil)
      return
    }
    self.init(volume: volume, digest: digest, piece: piece, digits: digits)
  }

  private static func withoutDigest(_ text: String) -> (ObjectDigest?, Substring) {
    let bytes = text.utf8
    guard let dot = bytes.index(bytes.startIndex, offsetBy: digestLength, limitedBy: bytes.endIndex),
      bytes[dot...].first == UInt8(ascii: "."), let digest = ObjectDigest(hex: Substring(bytes[..<dot])),
      digest.hex.utf8.elementsEqual(bytes[..<dot])
    else { return (nil, text[...]) }
    let name = Substring(bytes[dot...].dropFirst())
    return name.isEmpty ? (nil, text[...]) : (digest, name)
  }

  /// The file's name.
  package var text: String {
    let name = (digest.map { $0.hex + "." } ?? "") + volume
    guard let piece else { return name }
    let number = String(piece)
    return name + Self.mark + String(repeating: "0", count: max(0, digits - number.count)) + number
  }

  /// The name of the file that holds all of the volume.
  package var whole: VolumeFileName { VolumeFileName(volume: volume, digest: digest, piece: nil) }

  /// The name of the file that holds a piece of the volume.
  package func piece(_ number: Int, digits: Int = 2) -> VolumeFileName {
    VolumeFileName(volume: volume, digest: digest, piece: number, digits: digits)
  }

  /// What a volume that lies in these files is called in messages: the file, or the name that its pieces share.
  package static func joined(_ files: [Place]) -> FilePath {
    guard let first = files.first, files.count > 1 else { return files.first?.shown ?? "" }
    return first.parent.appending(VolumeFileName(first.name).whole.text).shown
  }
}

/// How the files of a bundle's volumes are named.
package enum VolumeNaming: Sendable, Hashable {
  /// By the volume's name alone, as in bundles before format 3.
  case plain
  /// With the SHA-256 before the name, where TUF clients look for targets of a repository with consistent snapshots.
  case digest

  /// The name of the file that holds a volume.
  package func file(of volume: Volume) -> VolumeFileName {
    VolumeFileName(volume: volume.name, digest: self == .digest ? volume.sha256 : nil, piece: nil)
  }
}

extension Volume {
  /// The names that a file with this volume can have, the likeliest first. One with another SHA-256 before it is not of
  /// this volume.
  package var files: [VolumeFileName] { [VolumeNaming.digest, .plain].map { $0.file(of: self) } }
}
