import MirrorTypes
import UpdateIndex

/// Chooses products from the vendor's catalogue: a part of a name, then numbers, as often as somebody likes.
package struct ProductSearch {
  private let catalogue: ProductCatalogue
  private let terminal: any SetupTerminal

  /// A search of a catalogue, by somebody.
  package init(catalogue: ProductCatalogue, terminal: any SetupTerminal) {
    self.catalogue = catalogue
    self.terminal = terminal
  }

  /// How many names are shown at a time.
  static let mostShown = 20

  /// Asks which products are used.
  ///
  /// - Returns: the names of products, in the order in which they were chosen; empty for all.
  package func run() throws(SetupInterrupted) -> [String] {
    var chosen: [String] = []
    terminal.show("")
    terminal.show("Which products do your servers and devices use? Search by parts of the name,")
    terminal.show("such as 'Security Linux' or 'Center'; an empty line ends the search.")
    while true {
      let typed = try terminal.ask(chosen.isEmpty ? "search" : "search for another one", offer: "")
      if typed.isEmpty {
        if !chosen.isEmpty { return chosen }
        if try terminal.agrees("Nothing is chosen. Mirror everything (many gigabytes)?", offer: false) { return [] }
        continue
      }
      let found = Self.matches(typed, in: catalogue)
      guard !found.isEmpty else {
        let near = NearestName.of(typed, among: catalogue.products.map(\.name)).map { "; did you mean '\($0)'?" } ?? ""
        terminal.show("  No product has '\(typed)' in its name\(near)")
        continue
      }
      for (index, product) in found.prefix(Self.mostShown).enumerated() {
        terminal.show("  \(index + 1)  \(product.name)  (version \(product.version))")
      }
      if found.count > Self.mostShown {
        terminal.show("  and \(found.count - Self.mostShown) more: search for a longer part of the name")
      }
      let shown = Array(found.prefix(Self.mostShown))
      let answer = try terminal.ask("which ones: numbers, 'all', or nothing", offer: "") { text in
        Self.numbers(text, of: shown.count) == nil ? "Type numbers from 1 to \(shown.count), or 'all'." : nil
      }
      for index in Self.numbers(answer, of: shown.count) ?? [] where !chosen.contains(shown[index].name) {
        chosen.append(shown[index].name)
      }
      if !chosen.isEmpty { terminal.show("  chosen: \(chosen.joined(separator: ", "))") }
    }
  }

  /// The products that have all words of a text in their names, whatever stands between them.
  static func matches(_ text: String, in catalogue: ProductCatalogue) -> [Product] {
    let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    return words.reduce(catalogue.products) { found, word in
      let names = Set(catalogue.matching(word).map(\.name))
      return found.filter { names.contains($0.name) }
    }
  }

  /// The places that an answer names, counted from 0, each once; `nil` for what is none. `2-4` is three of them.
  static func numbers(_ text: String, of count: Int) -> [Int]? {
    if text.lowercased() == "all" { return Array(0..<count) }
    var places: [Int] = []
    for part in text.split(whereSeparator: { $0.isWhitespace || $0 == "," }) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first >= 1, first <= last,
        last <= count
      else { return nil }
      places += (first - 1..<last).filter { !places.contains($0) }
    }
    return places
  }
}
