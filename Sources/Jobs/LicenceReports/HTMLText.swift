import MirrorTypes
import SiteDocuments

/// HTML that is put together from texts that are escaped, and markup of our own.
struct HTMLText {
  /// What is written so far.
  private(set) var html = ""

  /// Writes markup that stands in the program itself.
  mutating func markup(_ markup: StaticString) { html += "\(markup)" }

  /// Writes a text from anywhere, so that it can be nothing but text, in an element or in a quoted attribute.
  mutating func text(_ text: String) { html += HTMLEscaping.escaped(text) }

  /// Writes a number.
  mutating func number(_ number: Int) { html += String(number) }

  /// Writes a number with one digit behind the point, as SVG takes it.
  mutating func number(_ number: Double) {
    let tenths = Int((number.isFinite ? max(-1e6, min(1e6, number)) : 0) * 10)
    html += tenths < 0 ? "-" : ""
    html += "\(tenths.magnitude / 10)"
    if tenths % 10 != 0 { html += ".\(tenths.magnitude % 10)" }
  }

  /// Writes an element with a text in it.
  mutating func element(_ name: StaticString, class kind: String? = nil, _ content: String) {
    html += "<\(name)"
    if let kind { html += " class=\"\(HTMLEscaping.escaped(kind))\"" }
    html += ">\(HTMLEscaping.escaped(content))</\(name)>"
  }
}
