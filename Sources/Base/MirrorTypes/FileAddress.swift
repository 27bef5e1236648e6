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
    guard let bytes = PercentEncoding.decoded(Substring(rest)) else {
      throw Refusal(description: "has a percent sign without two hexadecimal digits")
    }
    guard !bytes.contains(0), let path = String(validating: bytes, as: UTF8.self) else {
      throw Refusal(description: "is not the name of a file")
    }
    self.path = path
  }

  /// The address as a text.
  package var text: String { Self.scheme + PercentEncoding.encoded(path) }
}
