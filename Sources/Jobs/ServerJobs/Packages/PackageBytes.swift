import FileSystem
import SystemPackage

/// Reads the few bytes of an installer that say whether it is signed inside. Every number in it is hostile: places are
/// checked against the file's size, counts are bounded.
struct PackageBytes: ~Copyable {
  private let file: InputFile

  init(_ path: FilePath) throws(FileError) { file = try InputFile(path) }

  /// The bytes from a place on: fewer where the file ends, none where it has no such place.
  func bytes(at offset: Int64, atMost limit: Int) throws(FileError) -> [UInt8] {
    guard offset >= 0, offset < file.size else { return [] }
    var bytes = [UInt8](repeating: 0, count: Int(min(Int64(limit), file.size - offset)))
    try bytes.withUnsafeMutableBufferPointer { (buffer) throws(FileError) in
      try file.read(UnsafeMutableRawBufferPointer(buffer), at: offset)
    }
    return bytes
  }

  /// Whether it carries a signature.
  func embeddedSignature(_ kind: PackageKind) throws(FileError) -> PackageInspection.EmbeddedSignature {
    switch kind {
    case .deb: try isSignedDebian() ? .present : .none
    case .rpm: try isSignedRPM() ? .present : .none
    case .exe: try isSignedProgram() ? .present : .none
    case .zip: try isSignedZip() ? .present : .none
    case .msi, .cab: .unknown
    default: .none
    }
  }

  /// A member `_gpg…` of the ar archive.
  private func isSignedDebian() throws(FileError) -> Bool {
    var offset: Int64 = 8
    for _ in 0..<64 {
      let head = try bytes(at: offset, atMost: 60)
      guard head.count == 60 else { return false }
      if head.starts(with: Array("_gpg".utf8)) { return true }
      let digits = String(decoding: head[48..<58].prefix { $0 != 0x20 }, as: UTF8.self)
      guard let size = Int64(digits), size >= 0, size <= file.size else { return false }
      offset = offset + 60 + size + size % 2
    }
    return false
  }

  /// A signature's tag in the header behind the lead.
  private func isSignedRPM() throws(FileError) -> Bool {
    let head = try bytes(at: 96, atMost: 16)
    guard head.count == 16, head.starts(with: [0x8E, 0xAD, 0xE8, 0x01]) else { return false }
    let count = Self.big(head, at: 8)
    guard (1...1024).contains(count) else { return false }
    let entries = try bytes(at: 112, atMost: count * 16)
    return stride(from: 0, to: entries.count - 15, by: 16).contains { place in
      // DSA, RSA, OpenPGP, and the older PGP and GPG, over the header or all of it.
      [267, 268, 278, 1002, 1005].contains(Self.big(entries, at: place))
    }
  }

  /// The table of certificates in a program's optional header.
  private func isSignedProgram() throws(FileError) -> Bool {
    let start = try bytes(at: 0x3C, atMost: 4)
    guard start.count == 4 else { return false }
    let header = try bytes(at: Int64(Self.little(start, at: 0)), atMost: 24 + 240)
    guard header.count >= 24 + 2, header.starts(with: [0x50, 0x45, 0, 0]) else { return false }
    let directories: Int
    switch (header[24], header[25]) {
    case (0x0B, 0x01): directories = 24 + 96
    case (0x0B, 0x02): directories = 24 + 112
    default: return false
    }
    let place = directories + 4 * 8
    guard header.count >= place + 8, Self.little(header, at: directories - 4) > 4 else { return false }
    let (offset, size) = (Int64(Self.little(header, at: place)), Int64(Self.little(header, at: place + 4)))
    return offset > 0 && size > 8 && offset + size <= file.size
  }

  /// The block of signatures that Android puts in front of the directory.
  private func isSignedZip() throws(FileError) -> Bool {
    let length = min(file.size, 65_557)
    let tail = try bytes(at: file.size - length, atMost: Int(length))
    guard let end = tail.indices.reversed().first(where: { tail[$0...].starts(with: [0x50, 0x4B, 0x05, 0x06]) }),
      end + 20 <= tail.count
    else { return false }
    let directory = Int64(Self.little(tail, at: end + 16))
    return try bytes(at: directory - 16, atMost: 16) == Array("APK Sig Block 42".utf8)
  }

  private static func little(_ bytes: [UInt8], at place: Int) -> Int {
    (0..<4).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
  }

  private static func big(_ bytes: [UInt8], at place: Int) -> Int {
    (0..<4).reduce(0) { $0 << 8 | Int(bytes[place + $1]) }
  }
}
