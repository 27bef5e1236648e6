import FoundationEssentials
import Glibc
import SystemPackage

/// Certificate authorities that a person has named, as they come: a file in PEM, one in DER as Windows exports it, or a
/// folder with such files.
struct ExtraAuthorities {
  /// All of them, in PEM.
  let pem: [UInt8]

  /// The most files of a folder that are read.
  private static let mostFiles = 200
  /// How certificates are called in a folder.
  private static let endings = [".pem", ".crt", ".cer", ".der"]
  private static let mark = Array("-----BEGIN ".utf8)

  /// - Throws: ``TransferError/Reason/certificateUnusable(_:)`` where there is none.
  init(_ place: FilePath) throws(TransferError) {
    var status = stat()
    let isFolder = stat(place.string, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    var all: [UInt8] = []
    for file in isFolder ? Self.files(in: place) : [place] {
      all += Self.pem(try SystemAuthorities.bytes(of: file)) + [UInt8(ascii: "\n")]
    }
    guard all.firstRange(of: Self.mark) != nil else {
      let what = isFolder ? "holds no file with a certificate (.pem, .crt, .cer)" : "has no certificate in it"
      throw TransferError(.certificateUnusable("\(place) \(what): name a file in PEM or DER"))
    }
    pem = all
  }

  private static func files(in folder: FilePath) -> [FilePath] {
    let names = SystemAuthorities.names(in: folder.string).filter { name in
      endings.contains { name.lowercased().hasSuffix($0) }
    }
    return names.sorted().prefix(mostFiles).map { folder.appending($0) }
  }

  /// A certificate in DER begins with a sequence whose length has two bytes or more.
  private static func pem(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.count > 4, bytes[0] == 0x30, (0x81...0x84).contains(bytes[1]) else { return bytes }
    let lines = Data(bytes).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
    return Array("-----BEGIN CERTIFICATE-----\n\(lines)\n-----END CERTIFICATE-----\n".utf8)
  }
}
