import Foundation
import TestSupport

/// A file in an archive that the double was sent.
struct PackedFile: Sendable {
  let name: String
  let bytes: [UInt8]

  /// The files of a tar archive, or of one that gzip has packed; `nil` for anything else.
  static func all(in bytes: [UInt8]) -> [PackedFile]? {
    if bytes.starts(with: [0x1F, 0x8B]) { return unpacked(bytes).flatMap(tar) }
    return tar(bytes)
  }

  private static func unpacked(_ bytes: [UInt8]) -> [UInt8]? {
    let folder = TemporaryFolder()
    let file = folder["archive.gz"].string
    guard (try? Data(bytes).write(to: URL(fileURLWithPath: file))) != nil,
      (try? Command.run("gzip", ["-d", file])) != nil,
      let data = try? Data(contentsOf: URL(fileURLWithPath: folder["archive"].string))
    else { return nil }
    return Array(data)
  }

  private static func tar(_ bytes: [UInt8]) -> [PackedFile]? {
    var files: [PackedFile] = []
    var offset = 0
    while offset + 512 <= bytes.count, bytes[offset] != 0 {
      guard bytes[offset + 257..<offset + 262].elementsEqual("ustar".utf8) else { return nil }
      let name = String(decoding: bytes[offset..<offset + 100].prefix { $0 != 0 }, as: UTF8.self)
      let digits = String(decoding: bytes[offset + 124..<offset + 135].prefix { $0 != 0 && $0 != 0x20 }, as: UTF8.self)
      guard let size = Int(digits, radix: 8), offset + 512 + size <= bytes.count else { return nil }
      files.append(PackedFile(name: name, bytes: Array(bytes[offset + 512..<offset + 512 + size])))
      offset += 512 + (size + 511) / 512 * 512
    }
    return files.isEmpty ? nil : files
  }
}
