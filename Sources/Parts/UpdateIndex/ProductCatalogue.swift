import Failures
import MirrorTypes

/// One product of the vendor's.
package struct Product: Sendable, Hashable {
  /// Its name, the key in the vendor's own configuration: `KasperskyEndpointSecurityForLinux_12_3_0`.
  package let name: String
  /// Its version.
  package let version: String
  /// The primary indexes that it needs.
  package let trees: [TreePath]
  /// The components that it needs.
  package let components: [String]
  /// What the indexes call it, as patterns with the version there: `KES 21.13.5.506`. Older entries have none.
  package let applications: [String]
}

/// The vendor's own catalogue of products, `updates/bin/kuuc/updater.xml` (FORMAT.md, section 1).
package struct ProductCatalogue: Sendable {
  /// All products, in the order of the catalogue.
  package let products: [Product]

  /// Where the catalogue lies in an update tree.
  package static let path = TreePath(constant: "updates/bin/kuuc/updater.xml")

  /// Reads a catalogue.
  ///
  /// - Throws: ``IndexError`` when it is malformed, or hostile.
  package init(parsing bytes: [UInt8], limits: IndexLimits = IndexLimits()) throws(IndexError) {
    let path = Self.path
    guard bytes.count <= limits.bytes else {
      throw IndexError(index: path, problem: .tooMuch("bytes", limit: limits.bytes))
    }
    let reader = CatalogueReader()
    let scanner = XMLScanner(maximumDepth: 32, maximumAttributes: limits.attributes)
    do throws(XMLScanner.Failure) {
      try bytes.withUnsafeBufferPointer { (all) throws(XMLScanner.Failure) in try scanner.scan(all, reader) }
    } catch {
      throw IndexError(error, in: path)
    }
    products = reader.products
  }

  /// The products whose name has `pattern` in it, without case; `*` stands for any text.
  package func matching(_ pattern: String) -> [Product] {
    let pattern = NamePattern("*\(pattern)*")
    return products.filter { pattern.fits($0.name) }
  }

  /// The products that a name in a configuration stands for: the one of that name, and those of its line, whose names go
  /// on after it (`KasperskyEndpointSecurityForLinux_12` for 12.0, 12.1 and so on); with a `*` in it, all that fit.
  /// Names compare without case.
  package func named(_ name: String) -> [Product] {
    if name.contains("*") {
      let pattern = NamePattern(name)
      return products.filter { pattern.fits($0.name) }
    }
    let wanted = name.lowercased()
    return products.filter {
      let theirs = $0.name.lowercased()
      return theirs == wanted || theirs.hasPrefix(wanted + "_")
    }
  }

  /// The primary indexes, components and patterns of applications that products need together.
  ///
  /// - Parameter names: names and patterns of products, see ``named(_:)``.
  /// - Throws: ``UnknownProduct`` for a name that fits none.
  package func selection(for names: [String]) throws(UnknownProduct) -> (
    primaries: [TreePath], components: [String], applications: [String]
  ) {
    var primaries: [TreePath] = []
    var components: [String] = []
    var applications: [String] = []
    for name in names {
      let found = named(name)
      guard !found.isEmpty else { throw UnknownProduct(name: name, known: products.map(\.name)) }
      for product in found {
        let trees = product.trees.isEmpty ? PrimaryIndexes.unsaid : product.trees
        primaries += trees.filter { !primaries.contains($0) }
        components += product.components.filter { !components.contains($0) }
        applications += product.applications.filter { !applications.contains($0) }
      }
    }
    return (primaries, components, applications)
  }
}

/// A name with `*` for any text, compared without case.
private struct NamePattern {
  private let pieces: [Substring]

  init(_ text: String) { pieces = text.lowercased().split(separator: "*", omittingEmptySubsequences: false) }

  func fits(_ name: String) -> Bool {
    var rest = name.lowercased()[...]
    guard let first = pieces.first, let last = pieces.last, rest.hasPrefix(first) else { return false }
    guard pieces.count > 1 else { return rest == first }
    rest = rest.dropFirst(first.count)
    for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
      guard let range = rest.firstRange(of: piece) else { return false }
      rest = rest[range.upperBound...]
    }
    return rest.hasSuffix(last)
  }
}

/// A name that no product of the catalogue has.
package struct UnknownProduct: Error, Sendable, CustomStringConvertible {
  /// The name.
  package let name: String
  /// The names that there are.
  package let known: [String]

  /// The fact in words.
  package var description: String { "the vendor's catalogue has no product '\(name)'" }
}

extension UnknownProduct: Failure {
  package var status: ExitStatus { .configuration }

  package var message: String {
    NearestName.of(name, among: known).map { "\(self); did you mean '\($0)'?" } ?? description
  }

  package var remedy: String? {
    "'kscmirror products TEXT' lists the names that have TEXT in them; * in a name stands for any text."
  }
}

/// Gathers the products of a catalogue: elements `element` with `name`, `version`, and `tree` and `component` either
/// in them or in their `updates`.
private final class CatalogueReader: XMLScanner.Handler {
  private(set) var products: [Product] = []
  private var current: Draft?
  private var text: [UInt8] = []
  private var line = 0

  private struct Draft {
    var name = ""
    var version = ""
    var trees: [TreePath] = []
    var components: [String] = []
    var applications: [String] = []

    var product: Product {
      Product(name: name, version: version, trees: trees, components: components, applications: applications)
    }
  }

  /// The most bytes of one text; real ones have some 2,000.
  private static let maximumText = 1 << 20

  func start(_ element: XMLScanner.Element) throws {
    text = []
    line = element.line
    if element.name == "element" { current = Draft() }
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) throws {
    if text.count + bytes.count <= Self.maximumText { text.append(contentsOf: bytes) }
  }

  func end(_ name: String) throws {
    let value = String(decoding: RecordTable.trimmed(text[...]), as: UTF8.self)
    text = []
    switch name {
    case "name": if current?.name.isEmpty == true { current?.name = value }
    case "version": if current?.version.isEmpty == true { current?.version = value }
    case "tree":
      let tree: TreePath
      do throws(TreePathError) { tree = try TreePath(value) } catch {
        throw IndexError(index: ProductCatalogue.path, line: line, problem: .badPath(value, error.problem))
      }
      if current?.trees.contains(tree) == false { current?.trees.append(tree) }
    case "component":
      for component in value.split(separator: ";").map(String.init)
      where current?.components.contains(component) == false {
        current?.components.append(component)
      }
    case "App":
      for application in value.split(separator: ";").map(String.init)
      where current?.applications.contains(application) == false {
        current?.applications.append(application)
      }
    case "element":
      if let found = current, !found.name.isEmpty { products.append(found.product) }
      current = nil
    default: break
    }
  }
}
