/// An element of an index, as a table of what it says; the digests of what it names are put in when it is written.
struct IndexElement {
  /// Its name, such as `Files`.
  let name: String
  /// Its attributes, in order. `@size` stands for the size of the file that it names.
  var attributes: [(name: String, value: String)]
  /// The columns of its table; empty: it has none.
  var columns: [String]
  /// The table's records.
  var rows: [[String]]
  /// What stands in it: base64, or elements.
  var text: String

  init(
    _ name: String,
    _ attributes: KeyValuePairs<String, String>,
    columns: [String] = [],
    rows: [[String]] = [],
    text: String = ""
  ) {
    self.name = name
    self.attributes = attributes.map { ($0.key, $0.value) }
    self.columns = columns
    self.rows = rows
    self.text = text
  }

  /// The files of the server's that it names, each with its folder below the index's; `nil` for an unsaid folder.
  var files: [(folder: String?, name: String)] {
    let naming: Set<String> = ["File", "Files", "Patch", "Patches", "Blsts", "FileDescription"]
    guard naming.contains(name), text.isEmpty || name == "FileDescription" else { return [] }
    guard value("Body") == nil, value("UpdateType") != "desc" else { return [] }
    let (folder, name) = (value("SrvPath") ?? value("ServerFolder"), value("Name") ?? value("Filename"))
    if columns.isEmpty { return name.map { [(folder, $0)] } ?? [] }
    return rows.compactMap { row in
      func cell(_ column: String) -> String? { columns.firstIndex(of: column).map { row[$0] } }
      return (cell("Name") ?? name).map { (cell("SrvPath") ?? folder, $0) }
    }
  }

  /// The value of an attribute.
  func value(_ name: String) -> String? { attributes.first { $0.name == name }?.value }

  /// Its text in the index.
  var rendered: String {
    var all = attributes
    if !columns.isEmpty {
      let records = rows.map { "\t\t\t" + $0.map(Self.cell).joined(separator: "|") }
      all += [("Item", columns.joined(separator: ";")), ("List", "\r\n" + records.joined(separator: ";\r\n"))]
    }
    let start = "\t<\(name)" + all.map { "\r\n\t\t\($0.name)=\"\($0.value)\"" }.joined()
    return start + (text.isEmpty ? "/>\r\n" : ">\(text)</\(name)>\r\n")
  }

  /// A cell with both escapes: first that of a record, then that of the list.
  private static func cell(_ text: String) -> String {
    func escaped(_ text: String, _ mark: Character) -> String {
      text.map { $0 == "\\" || $0 == mark ? "\\\($0)" : String($0) }.joined()
    }
    return escaped(escaped(text, "|"), ";")
  }
}

/// In which form an index is written: what its digests are and what stands behind it.
enum IndexForm {
  case updateFiles, update2, update3
  /// Format 3.0, both digests, all three trailers.
  case meta
  /// Format 2.0, both digests, all three trailers.
  case updater

  var format: String { self == .update2 || self == .updater ? "2.0" : "3.0" }

  var digests: [String] {
    switch self {
    case .updateFiles: []
    case .update2: ["DSKM"]
    case .update3: ["DSKM2"]
    case .meta, .updater: ["DSKM", "DSKM2"]
    }
  }
}
