import MirrorTypes

/// The value of a header that a server sent, as far as it may be kept, shown or sent back: printable ASCII, and short.
///
/// It is the one door for such values: what does not pass is as if the server had not sent it, so that nothing a server says
/// can spoil a later request.
struct HeaderValue: Hashable, Sendable {
  /// The value, without blanks around it.
  let text: String

  /// The most bytes of a value. Entity tags of known servers have less than a hundred.
  static let maximumLength = 256

  /// Takes a value as it came; `nil` for one that is too long or has other bytes than printable ASCII.
  init?(_ bytes: some BidirectionalCollection<UInt8>) {
    let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
    guard let first = bytes.firstIndex(where: { !isBlank($0) }), let last = bytes.lastIndex(where: { !isBlank($0) })
    else { return nil }
    let value = bytes[first...last]
    guard value.count <= Self.maximumLength, value.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
    text = String(decoding: value, as: UTF8.self)
  }

  /// Takes a value that was kept.
  init?(_ text: String) { self.init(Array(text.utf8)) }

  /// The value as an entity tag; `nil` for any other (RFC 9110, section 8.8.3).
  var entityTag: String? {
    let opaque = text.hasPrefix("W/") ? text.utf8.dropFirst(2) : text.utf8[...]
    guard opaque.count >= 2, opaque.first == UInt8(ascii: "\""), opaque.last == UInt8(ascii: "\"") else { return nil }
    let inner = opaque.dropFirst().dropLast()
    return inner.contains { $0 == UInt8(ascii: "\"") || $0 == 0x20 } ? nil : text
  }

  /// The value as a date; `nil` for any other.
  var date: String? { text.utf8.count <= 40 && HTTPDate.time(text) != nil ? text : nil }
}
