/// The SHA-256 of an object's bytes: the name under which a store keeps it.
package typealias ObjectDigest = Digest256

/// A digest of 256 bits: an object's SHA-256, or one of the vendor's (Streebog-256).
package struct Digest256: Hashable, Sendable {
  /// The digest as four big-endian words: a value without a heap allocation.
  private var words: (UInt64, UInt64, UInt64, UInt64)

  /// The length of such a digest in bytes.
  package static let byteCount = 32

  /// Takes the 32 bytes of a digest; `nil` for any other count.
  package init?(bytes: UnsafeRawBufferPointer) {
    guard bytes.count == Self.byteCount else { return nil }
    func word(_ index: Int) -> UInt64 {
      UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
    }
    words = (word(0), word(1), word(2), word(3))
  }

  /// Takes the 32 bytes of a digest; `nil` for any other count.
  package init?(bytes: some Sequence<UInt8>) {
    // One more than needed tells a sequence that is too long.
    let bytes = Array(bytes.prefix(Self.byteCount + 1))
    guard let digest = bytes.withUnsafeBytes({ Self(bytes: $0) }) else { return nil }
    self = digest
  }

  /// Reads 64 hexadecimal digits of either case; `nil` for anything else.
  package init?(hex: some StringProtocol) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.byteCount)
    var high: UInt8?
    for character in hex.utf8 {
      guard let nibble = Self.nibble(character), bytes.count < Self.byteCount else { return nil }
      if let first = high {
        bytes.append(first << 4 | nibble)
        high = nil
      } else {
        high = nibble
      }
    }
    guard high == nil else { return nil }
    self.init(bytes: bytes)
  }

  /// The 32 bytes.
  package var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

  /// Calls `body` with the 32 bytes, which are gone when it returns.
  package func withUnsafeBytes<T>(_ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
    let bigEndian = (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian)
    return try Swift.withUnsafeBytes(of: bigEndian, body)
  }

  /// 64 lower-case hexadecimal digits.
  package var hex: String {
    String(unsafeUninitializedCapacity: 2 * Self.byteCount) { buffer in
      var position = 0
      withUnsafeBytes { bytes in
        for byte in bytes {
          buffer[position] = Self.digit(byte >> 4)
          buffer[position + 1] = Self.digit(byte & 15)
          position += 2
        }
      }
      return position
    }
  }

  /// Equal when all 32 bytes are.
  package static func == (left: Self, right: Self) -> Bool { left.words == right.words }

  /// Hashes the first eight bytes, which are as good as random.
  package func hash(into hasher: inout Hasher) { hasher.combine(words.0) }

  private static func digit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
  }

  private static func nibble(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

extension Digest256: Comparable {
  /// The order of the hexadecimal forms.
  package static func < (left: Self, right: Self) -> Bool { left.words < right.words }
}

extension Digest256: CustomStringConvertible {
  /// The same as ``hex``.
  package var description: String { hex }
}

extension Digest256: Codable {
  /// Reads the hexadecimal form.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let digest = Self(hex: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not 64 hexadecimal digits")
    }
    self = digest
  }

  /// Writes the hexadecimal form.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(hex)
  }
}
