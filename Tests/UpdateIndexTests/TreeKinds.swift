import Foundation
import SystemPackage
import TestSupport

/// What kinds of things the indexes of a tree hold, read as text.
struct TreeKinds {
  private(set) var elements: Set<String> = []
  /// As `File/@Name`.
  private(set) var attributes: Set<String> = []
  /// As `Files/Name`.
  private(set) var columns: Set<String> = []
  /// Paths of the primary indexes, and of what lies beside them.
  private(set) var primaries: Set<String> = []
  /// As `index/retr1901-u1313g.xml holds u1901g.xml`.
  private(set) var carriers: Set<String> = []
  /// Kinds of entries of the catalogue, see ``catalogueShape(_:)``.
  private(set) var entries: Set<String> = []
  /// Names of the catalogue's elements.
  private(set) var catalogueElements: Set<String> = []

  var all: Set<String> {
    elements.union(attributes).union(columns).union(primaries).union(carriers)
      .union(entries.map { "catalogue entry: \($0)" }).union(catalogueElements.map { "catalogue element: \($0)" })
  }

  init(of root: FilePath) throws {
    let names = FileManager.default.enumerator(atPath: root.string)?.compactMap { $0 as? String } ?? []
    for path in names where path.hasSuffix(".xml") {
      let place = URL(fileURLWithPath: root.pushing(FilePath(path)).string)
      let data = try Data(contentsOf: place)
      let ends = ["</Update>", "</UpdateFiles>"].compactMap {
        data.range(of: Data($0.utf8), options: .backwards)?.lowerBound
      }
      guard let end = ends.max(), data.prefix(16).contains(UInt8(ascii: "<")) else { continue }
      read(Array(data[..<end]), path)
      if path.split(separator: "/").count == 2, path.hasPrefix("index/") || path == "updaters/updater.xml" {
        primaries.insert(path)
      }
    }
    let catalogue = URL(fileURLWithPath: root.pushing("updates/bin/kuuc/updater.xml").string)
    if let data = try? Data(contentsOf: catalogue) {
      readCatalogue(String(decoding: data, as: UTF8.self))
    }
  }

  // MARK: - Indexes

  private mutating func read(_ bytes: [UInt8], _ path: String) {
    var position = 0
    func isNameByte(_ byte: UInt8) -> Bool {
      byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A || byte >= 0x30 && byte <= 0x39
    }
    func word() -> String {
      let start = position
      while position < bytes.count, isNameByte(bytes[position]) { position += 1 }
      return String(decoding: bytes[start..<position], as: UTF8.self)
    }
    while let start = bytes[position...].firstIndex(of: UInt8(ascii: "<")) {
      position = start + 1
      let element = word()
      guard !element.isEmpty else { continue }
      elements.insert(element)
      var (name, isClosed) = ("", false)
      while position < bytes.count, bytes[position] != UInt8(ascii: ">") {
        guard isNameByte(bytes[position]) else {
          isClosed = bytes[position] == UInt8(ascii: "/")
          position += 1
          continue
        }
        let attribute = word()
        attributes.insert("\(element)/@\(attribute)")
        guard let first = bytes[position...].firstIndex(of: UInt8(ascii: "\"")),
          let last = bytes[(first + 1)...].firstIndex(of: UInt8(ascii: "\""))
        else { return }
        position = last + 1
        guard attribute == "Item" || attribute == "Name" else { continue }
        let value = String(decoding: bytes[(first + 1)..<last], as: UTF8.self)
        if attribute == "Name" {
          name = value
        } else {
          for column in value.split(separator: ";") { columns.insert("\(element)/\(column.filter { $0 != " " })") }
        }
      }
      // An index that stands in this one.
      if !isClosed, name.hasSuffix(".xml"), position + 1 < bytes.count, isNameByte(bytes[position + 1]) {
        carriers.insert(Self.carrier(path, name))
      }
    }
  }

  /// An index that holds another one; a component's name stands as NAME.
  private static func carrier(_ path: String, _ name: String) -> String {
    let text = "\(path) holds \(name)"
    let folders = path.split(separator: "/").dropLast()
    guard let component = folders.last, folders.first == "updates" else { return text }
    return text.replacingOccurrences(of: String(component), with: "NAME")
  }

  // MARK: - The catalogue

  private mutating func readCatalogue(_ text: String) {
    catalogueElements = Set(text.matches(of: /<(\w+)[\s>\/]/).map { String($0.output.1) })
    for element in text.components(separatedBy: "<element>").dropFirst() {
      entries.insert(Self.catalogueShape(element.components(separatedBy: "</element>")[0]))
    }
  }

  /// An entry's blocks `updates`, joined by `; `, or behind `| ` what stands in the entry itself: the primary index that
  /// each names, and what else it has.
  private static func catalogueShape(_ entry: String) -> String {
    func block(_ text: Substring) -> String {
      let trees = text.matches(of: /<tree>[^<]*?(\w+)\.xml/).map { String($0.output.1) }
      let words = text.matches(of: /<(component|App|Arch|SysArch|OS|Lang|Build)>/).map { String($0.output.1) }
      return (trees + words.filter { $0 == "component" } + words.filter { $0 != "component" }.sorted())
        .joined(separator: " ")
    }
    let blocks = entry.matches(of: /(?s)<updates>(.*?)<\/updates>/).map { block($0.output.1) }
    let rest = block(Substring(entry.replacing(/(?s)<updates>.*?<\/updates>/, with: "")))
    return blocks.joined(separator: "; ") + (rest.isEmpty ? "" : "| \(rest)")
  }
}
