/// What a licence is added with on another server: a secret.
package enum KeyBody: Hashable, Sendable {
  /// The bytes of a key file.
  case file(Secret)
  /// An activation code, `XXXXX-XXXXX-XXXXX-XXXXX`.
  case code(Secret)

  /// Tells the two apart by what they are: what a server gives out for a licence that came from a code is the code.
  package init(_ bytes: some Collection<UInt8>) {
    // Files that were exported may end with a line break.
    let code = Array(bytes.prefix(32)).trimmingLineBreaks()
    if bytes.count <= 25 && Self.isCode(code) { self = .code(Secret(code)) } else { self = .file(Secret(bytes)) }
  }

  /// The secret.
  package var secret: Secret {
    switch self {
    case .file(let secret), .code(let secret): secret
    }
  }

  /// Whether these are four groups of five letters and digits.
  static func isCode(_ bytes: [UInt8]) -> Bool {
    guard bytes.count == 23 else { return false }
    return bytes.enumerated().allSatisfy { index, byte in
      if index % 6 == 5 { return byte == UInt8(ascii: "-") }
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"):
        return true
      default: return false
      }
    }
  }
}

extension KeyBody {
  /// Equal kinds and equal secrets; hashing a secret would give it away bit by bit.
  package func hash(into hasher: inout Hasher) {
    switch self {
    case .file(let secret): hasher.combine(secret.count)
    case .code: hasher.combine(-1)
    }
  }
}

extension [UInt8] {
  fileprivate func trimmingLineBreaks() -> [UInt8] {
    var end = endIndex
    while end > 0, self[end - 1] == 0x0A || self[end - 1] == 0x0D { end -= 1 }
    return Array(self[..<end])
  }
}
