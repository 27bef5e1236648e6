import MirrorTypes

/// HTML put together from markup of our own and texts that can be nothing but text.
struct PageText {
  private(set) var html = ""

  /// Writes markup that stands in the program itself.
  mutating func markup(_ markup: StaticString) { html += "\(markup)" }

  /// Writes a text from anywhere, in an element or in a quoted attribute.
  mutating func text(_ text: String) { html += HTMLEscaping.escaped(text) }

  /// Writes an element with a text in it.
  mutating func element(_ name: StaticString, class kind: StaticString? = nil, _ content: String) {
    html += "<\(name)"
    if let kind { html += " class=\"\(kind)\"" }
    html += ">\(HTMLEscaping.escaped(content))</\(name)>"
  }

  /// Writes the head of a table, each column with its class.
  mutating func head(_ columns: [(String, StaticString?)]) {
    html += "<thead><tr>"
    for (name, kind) in columns {
      html += "<th scope=\"col\"\(kind.map { " class=\"\($0)\"" } ?? "")>\(HTMLEscaping.escaped(name))</th>"
    }
    html += "</tr></thead>\n"
  }

  /// Begins a section with a heading.
  mutating func section(_ id: StaticString, _ heading: String) {
    html += "<section aria-labelledby=\"\(id)\"><h2 id=\"\(id)\">\(HTMLEscaping.escaped(heading))</h2>\n"
  }

  /// Writes a cell of a table with the name of its column, which a narrow page shows beside it.
  mutating func cell(_ label: String, class kind: StaticString? = nil, _ content: String) {
    html += "<td data-label=\"\(HTMLEscaping.escaped(label))\""
    if let kind { html += " class=\"\(kind)\"" }
    html += "><span>\(HTMLEscaping.escaped(content))</span></td>"
  }
}
