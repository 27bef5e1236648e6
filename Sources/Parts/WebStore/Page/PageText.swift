/// HTML put together from markup of our own and texts that can be nothing but text.
struct PageText {
  private(set) var html = ""

  /// Writes markup that stands in the program itself.
  mutating func markup(_ markup: StaticString) { html += "\(markup)" }

  /// Writes a text from anywhere, in an element or in a quoted attribute.
  mutating func text(_ text: String) { html += Self.escaped(text) }

  /// Writes an element with a text in it.
  mutating func element(_ name: StaticString, class kind: StaticString? = nil, _ content: String) {
    html += "<\(name)"
    if let kind { html += " class=\"\(kind)\"" }
    html += ">\(Self.escaped(content))</\(name)>"
  }

  /// Writes a cell of a table with the name of its column, which a narrow page shows beside it.
  mutating func cell(_ label: StaticString, class kind: StaticString? = nil, _ content: String) {
    html += "<td data-label=\"\(label)\""
    if let kind { html += " class=\"\(kind)\"" }
    html += "><span>\(Self.escaped(content))</span></td>"
  }

  /// A text with all that has a meaning in HTML as entities, and what would hide or turn its neighbours made visible.
  static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "`": result += "&#96;"
      default:
        if isHidden(scalar) {
          result += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
  }

  /// Controls, and marks of format that are not seen, such as those that turn the direction of writing.
  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: true
    default: false
    }
  }
}

/// A path as it stands in an address.
enum LinkPath {
  /// Each byte that is not a letter, digit, `-`, `.`, `_`, `~` or slash, as a percent sign and two digits.
  static func encoded(_ path: String) -> String {
    path.utf8.reduce(into: "/") { result, byte in
      let isPlain =
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || "-._~/".utf8.contains(byte)
      if isPlain {
        result.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
  }
}
