import MirrorTypes

/// The path that a request asks for: decoded, without the slash at its beginning, and proven to go nowhere but down.
struct RequestPath: Equatable {
  /// The path, parts joined by single slashes; empty for the root. A folder's keeps the slash at its end.
  let string: String

  /// Why there is no such path: the answer is 400.
  struct Refusal: Error, Equatable {
    /// In a few words.
    let reason: String
  }

  /// The most bytes of a request's target.
  static let maximumLength = 4096

  /// Reads a request's target: `/path?query`, or the same with a scheme and an authority before it.
  init(target: String) throws(Refusal) {
    guard target.utf8.count <= Self.maximumLength else { throw Refusal(reason: "the path is too long") }
    if Self.isPlain(target) {
      string = String(target.utf8.dropFirst()) ?? ""
      return
    }
    let decoded = try Self.decode(Self.encodedPath(target))
    var parts: [Substring] = []
    // Like nginx: two slashes are one. Clients put them together from an address that ends in one.
    for part in decoded.byteParts {
      guard part != "." && part != ".." else { throw Refusal(reason: "the path has a part of dots") }
      parts.append(part)
    }
    let joined = parts.joined(separator: "/")
    string = decoded.hasSuffix("/") && !joined.isEmpty ? joined + "/" : joined
  }

  /// Whether a target is a path already as it has to be, of letters, digits and single slashes: nearly all are, and need
  /// none of the work below. Those with a part that begins with a dot are not looked at here.
  private static func isPlain(_ target: String) -> Bool {
    let slash = UInt8(ascii: "/")
    guard target.utf8.first == slash else { return false }
    var last = UInt8(ascii: "a")
    for byte in target.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
        break
      case slash, UInt8(ascii: "."):
        if last == slash { return false }
      default: return false
      }
      last = byte
    }
    return true
  }

  /// The path as it was written, without query, scheme and authority.
  private static func encodedPath(_ target: String) throws(Refusal) -> Substring {
    var text = target.prefix { $0 != "?" && $0 != "#" }
    if !text.hasBytePrefix("/") {
      let lowered = text.prefix(8).lowercased()
      guard let scheme = ["http://", "https://"].first(where: { lowered.hasBytePrefix($0) }) else {
        throw Refusal(reason: "the target is not a path")
      }
      text = text.dropFirst(scheme.utf8.count).drop { $0 != "/" }
    }
    return text
  }

  private static func decode(_ text: Substring) throws(Refusal) -> String {
    guard let bytes = PercentEncoding.decoded(text) else {
      throw Refusal(reason: "the path has a percent sign without two hexadecimal digits")
    }
    guard text.firstRange(of: /%2[fF]/) == nil else { throw Refusal(reason: "the path has an encoded slash") }
    guard !bytes.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "\\") }) else {
      throw Refusal(reason: "the path has a control character or a backslash")
    }
    guard let decoded = String(validating: bytes, as: UTF8.self) else {
      throw Refusal(reason: "the path is not UTF-8")
    }
    return decoded
  }
}
