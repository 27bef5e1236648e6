/// Texts in HTML.
package enum HTMLEscaping {
  /// A text with all that has a meaning in HTML as entities, in an element or in a quoted attribute, and what would hide
  /// or turn its neighbours made visible.
  package static func escaped(_ text: String) -> String {
    let shown = ShownText.escaped(text)
    guard shown.utf8.contains(where: { "&<>\"'`".utf8.contains($0) }) else { return shown }
    return shown.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "`": result += "&#96;"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }
}
