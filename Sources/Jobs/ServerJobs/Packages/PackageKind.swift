import FileSystem
import SystemPackage

/// What an installer is, by its bytes: a name says what somebody called it.
package enum PackageKind: String, Sendable, Hashable, Encodable, CaseIterable {
  /// A Debian package.
  case deb
  /// An RPM package.
  case rpm
  /// A program for Windows.
  case exe
  /// A package of Windows Installer, or a patch for one: a compound file.
  case msi
  /// An app for Android.
  case apk
  /// A script: it begins with `#!`.
  case script
  /// A zip archive.
  case zip
  /// A cabinet.
  case cab
  /// A tar archive.
  case tar
  /// A tar archive that gzip has packed.
  case tarGzip = "tar.gz"
  /// Something else that gzip has packed.
  case gzip
  /// Packed by xz.
  case xz
  /// Packed by bzip2.
  case bzip2
  /// Packed by zstd.
  case zstd
  /// A 7-Zip archive.
  case sevenZip = "7z"
  /// A RAR archive.
  case rar
  /// Anything else.
  case other

  /// Whether the server unpacks it: zip, cab, tar, tar.gz.
  var isUnpackedByServer: Bool { [.zip, .cab, .tar, .tarGzip].contains(self) }

  /// Whether it is an archive that the server does not unpack, and that no computer runs either.
  var isForeignArchive: Bool { [.gzip, .xz, .bzip2, .zstd, .sevenZip, .rar].contains(self) }

  private static let magics: [(PackageKind, offset: Int, bytes: [UInt8])] = [
    (.deb, 0, Array("!<arch>\ndebian-binary".utf8)),
    (.rpm, 0, [0xED, 0xAB, 0xEE, 0xDB]),
    (.msi, 0, [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]),
    (.zip, 0, [0x50, 0x4B, 0x03, 0x04]),
    (.zip, 0, [0x50, 0x4B, 0x05, 0x06]),
    (.cab, 0, Array("MSCF\0\0\0\0".utf8)),
    (.tar, 257, Array("ustar".utf8)),
    (.gzip, 0, [0x1F, 0x8B, 0x08]),
    (.xz, 0, [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]),
    (.bzip2, 0, Array("BZh".utf8)),
    (.zstd, 0, [0x28, 0xB5, 0x2F, 0xFD]),
    (.sevenZip, 0, [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]),
    (.rar, 0, Array("Rar!".utf8) + [0x1A, 0x07]),
    (.script, 0, Array("#!".utf8)),
  ]

  /// What begins with these bytes; 512 of them are enough.
  init(head: [UInt8]) {
    let found = Self.magics.first { _, offset, bytes in
      offset + bytes.count <= head.count && head[offset...].starts(with: bytes)
    }
    self = found?.0 ?? (head.starts(with: Array("MZ".utf8)) ? .exe : .other)
  }
}

/// What can be said of an installer by looking at its bytes.
struct PackageInspection: Sendable, Equatable {
  /// Whether the installer carries a signature of its maker inside. kscmirror does not verify these: it has none of the
  /// authorities that they lead to.
  enum EmbeddedSignature: Sendable {
    case none, present
    /// The format may have one, in a place that is not looked at.
    case unknown
  }

  /// What it is.
  let kind: PackageKind
  /// The name of the vendor's description in the archive's outermost folder (.kpd, .kud).
  var description: String?
  /// Whether it is signed inside.
  var signature: EmbeddedSignature

  /// Looks into a file.
  ///
  /// - Throws: ``FileError`` where it cannot be read. What is damaged is not a failure: less is known of it.
  init(_ path: FilePath, limits: ArchiveListing.Limits = ArchiveListing.Limits()) throws(FileError) {
    let file = try PackageBytes(path)
    let kind = PackageKind(head: try file.bytes(at: 0, atMost: 512))
    signature = try file.embeddedSignature(kind)
    guard kind.isUnpackedByServer || kind == .gzip, let listing = ArchiveListing(of: path, limits: limits) else {
      self.kind = kind
      return
    }
    if kind == .gzip {
      self.kind = .tarGzip
    } else if kind == .zip, listing.names.contains("AndroidManifest.xml"), listing.names.contains("classes.dex") {
      self.kind = .apk
    } else {
      self.kind = kind
    }
    description = Self.description(in: listing.names)
  }

  /// The vendor's description among an archive's names: outermost, .kpd before .kud.
  private static func description(in names: [String]) -> String? {
    let outermost = names.map { $0.hasPrefix("./") ? String($0.dropFirst(2)) : $0 }.filter { !$0.contains("/") }
    for ending in [".kpd", ".kud"] {
      if let name = outermost.sorted().first(where: { $0.lowercased().hasSuffix(ending) }) {
        return String(name.prefix(200))
      }
    }
    return nil
  }
}
