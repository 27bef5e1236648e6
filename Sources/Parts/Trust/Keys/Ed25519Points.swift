/// The points of small order on the curve of Ed25519.
///
/// With one of them as its key, a signature that fits any message can be written down by anybody (RFC 8032 does not
/// forbid them, and the library does not look). No honest generator makes one.
enum Ed25519Points {
  /// Whether an encoded point is one of the eight, in any of the spellings that decoders take: the sign of x may be
  /// either, and a y that is not reduced counts as its remainder.
  static func isOfSmallOrder(_ encoded: some Collection<UInt8>) -> Bool {
    guard encoded.count == 32 else { return false }
    var y = Array(encoded)
    y[31] &= 0x7F
    return encodings.contains(y)
  }

  private static let prime = [0xED] + [UInt8](repeating: 0xFF, count: 30) + [0x7F]

  /// Their y, least byte first.
  private static let encodings: Set<[UInt8]> = [
    // 1 (the neutral point, order 1) and -1 (order 2), 0 (order 4).
    small(1), below(1), small(0),
    // The two of order 8.
    [
      0x26, 0xE8, 0x95, 0x8F, 0xC2, 0xB2, 0x27, 0xB0, 0x45, 0xC3, 0xF4, 0x89, 0xF2, 0xEF, 0x98, 0xF0, 0xD5, 0xDF, 0xAC,
      0x05, 0xD3, 0xC6, 0x33, 0x39, 0xB1, 0x38, 0x02, 0x88, 0x6D, 0x53, 0xFC, 0x05,
    ],
    [
      0xC7, 0x17, 0x6A, 0x70, 0x3D, 0x4D, 0xD8, 0x4F, 0xBA, 0x3C, 0x0B, 0x76, 0x0D, 0x10, 0x67, 0x0F, 0x2A, 0x20, 0x53,
      0xFA, 0x2C, 0x39, 0xCC, 0xC6, 0x4E, 0xC7, 0xFD, 0x77, 0x92, 0xAC, 0x03, 0x7A,
    ],
    // 0 and 1 again, not reduced: p and p + 1.
    prime, [0xEE] + prime.dropFirst(),
  ]

  private static func small(_ number: UInt8) -> [UInt8] { [number] + [UInt8](repeating: 0, count: 31) }

  private static func below(_ number: UInt8) -> [UInt8] { [0xED - number] + prime.dropFirst() }
}
