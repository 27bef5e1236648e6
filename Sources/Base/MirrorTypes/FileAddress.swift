/// The address of a file or folder of this machine, `file:///…` (RFC 8089).
package struct FileAddress: Hashable, Sendable {
  /// The path that it names, which begins with a slash.
  package let path: String

  private static let scheme = "file://"

  /// Why a text is no such address.
  package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The reason, as a sentence goes on behind the address.
    package let description: String
  }

  /// Whether a text means to be such an address.
  package static func isMeant(by text: String) -> Bool { text.lowercased().hasPrefix(scheme) }

  /// The address of a path that begins with a slash.
  package init(path: String) { self.path = path }

  /// Reads an address: of this machine only.
  package init(_ text: String) throws(Refusal) {
    guard Self.isMeant(by: text) else { throw Refusal(description: "does not begin with file://") }
    var rest = text.utf8.dropFirst(Self.scheme.utf8.count)[...]
    if rest.starts(with: "localhost/".utf8) { rest = rest.dropFirst("localhost".utf8.count) }
    guard rest.first == UInt8(ascii: "/") else {
      throw Refusal(description: "names another machine: 'file:' is followed by three slashes")
    }
    var bytes: [UInt8] = []
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = rest.prefix(2)
      guard digits.count == 2, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) else {
        throw Refusal(description: "has a percent sign without two hexadecimal digits")
      }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    guard !bytes.contains(0), let path = String(validating: bytes, as: UTF8.self) else {
      throw Refusal(description: "is not the name of a file")
    }
    self.path = path
  }

  /// The address as a text.
  package var text: String {
    var bytes = Array(Self.scheme.utf8)
    for byte in path.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"), UInt8(ascii: "/"):
        bytes.append(byte)
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        bytes += Array("%\(digits.count == 1 ? "0" : "")\(digits)".utf8)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
