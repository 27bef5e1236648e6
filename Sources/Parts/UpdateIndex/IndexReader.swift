import FoundationEssentials
import MirrorTypes

/// Makes entries of the elements of one index.
final class IndexReader: XMLScanner.Handler {
  private let path: TreePath
  private let limits: IndexLimits
  private let folder: [Substring]

  private var generation: IndexFile.Generation?
  private var date: IndexDate?
  private var objectType: String?
  private var root = RecordFields()
  private var entries: [IndexEntry] = []
  private var drift = DriftReport()

  /// The elements being read, innermost last; `nil` for one that names nothing itself.
  private var open: [OpenElement?] = []
  private var components = ComponentLists()

  init(path: TreePath, limits: IndexLimits) {
    self.path = path
    self.limits = limits
    folder = path.parts.dropLast()
  }

  func finish(xmlByteCount: Int, hasTrailer: Bool) throws(IndexError) -> IndexFile {
    guard let generation else { throw IndexError(index: path, problem: .noEndTag) }
    return IndexFile(
      path: path,
      generation: generation,
      date: date,
      objectType: objectType,
      entries: entries,
      drift: drift,
      xmlByteCount: xmlByteCount,
      hasTrailer: hasTrailer
    )
  }

  /// An element being read, whose text decides whether it is inline.
  private struct OpenElement {
    let kind: ElementKind
    let fields: RecordFields
    let line: Int
    var hasText = false
    /// The text, where it may be an index that is carried inside this one; else empty.
    var text: [UInt8] = []
    let keepsText: Bool
  }

  /// What an element names.
  private enum ElementKind {
    case index
    case file
    /// `FileDescription`: its `UpdateType` tells.
    case description
    /// It names nothing that lies on the server.
    case nothing

    static let byName: [String: ElementKind] = [
      "Index": .index, "Indexes": .index, "File": .file, "Files": .file, "Patch": .file, "Patches": .file,
      "Blst": .file, "Blsts": .file, "FileDescription": .description, "Registry": .nothing, "EOL": .nothing,
      "Exclude": .nothing, "Key": .nothing, "Key2": .nothing, "Param": .nothing, "Params": .nothing,
      "LocLang": .nothing,
    ]
  }

  // MARK: - Elements

  func start(_ element: XMLScanner.Element) throws {
    open.append(nil)
    if element.depth == 0 { return try startRoot(element) }
    var fields = RecordFields()
    var item: String?
    var list: UnsafeBufferPointer<UInt8>?
    element.forEachAttribute { name, value in
      switch name {
      case "Item": item = String(decoding: value, as: UTF8.self)
      case "List": list = value
      default: set(name, value, in: &fields, element.name)
      }
    }
    guard let kind = ElementKind.byName[element.name] else {
      return drift.note("unknown-element", element.name, sample: "\(path):\(element.line)")
    }
    if kind == .nothing { return }
    if let item, let list {
      try addTable(item, list, kind, fields, element)
    } else {
      open[open.count - 1] = OpenElement(
        kind: kind,
        fields: fields,
        line: element.line,
        keepsText: mayCarryIndex(fields)
      )
    }
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) throws {
    guard let last = open.indices.last, open[last] != nil, bytes.contains(where: { $0 > 0x20 }) else { return }
    open[last]?.hasText = true
    if open[last]?.keepsText == true { open[last]?.text.append(contentsOf: bytes) }
  }

  func end(_ name: String) throws {
    guard let element = open.popLast() ?? nil else { return }
    let isInline = element.hasText || element.fields[.body] != nil
    try add(element.kind, element.fields, isInline: isInline, text: element.text, line: element.line)
  }

  /// Whether what a record carries inside itself may be an index: such records are read beside the primary indexes only
  /// (FORMAT.md, section 1), and only those are worth the memory.
  private func mayCarryIndex(_ fields: RecordFields) -> Bool {
    folder == [Substring(PrimaryIndexes.folder)] && fields[.name]?.hasByteSuffix(".xml") == true
  }

  private func startRoot(_ element: XMLScanner.Element) throws {
    var format: String?
    element.forEachAttribute { name, value in
      switch name {
      case "Format": format = String(decoding: value, as: UTF8.self)
      case "ObjectType": objectType = String(decoding: value, as: UTF8.self)
      case "Date", "UpdateDate": date = IndexDate(String(decoding: value, as: UTF8.self))
      case "DiffsPath" where !value.elementsEqual(DifferenceKind.folderInIndexes.utf8):
        drift.note("unknown-value", "\(element.name)/@\(name)", sample: String(decoding: value, as: UTF8.self))
      default: set(name, value, in: &root, element.name)
      }
    }
    switch (element.name, format) {
    case ("UpdateFiles", _): generation = .updateFiles
    case ("Update", "2.0"): generation = .update2
    case ("Update", "3.0"): generation = .update3
    case ("Update", let other):
      throw IndexError(index: path, line: element.line, problem: .unknownFormat(other ?? ""))
    default: throw IndexError(index: path, line: element.line, problem: .unknownRoot(element.name))
    }
  }

  private func set(
    _ name: String,
    _ value: UnsafeBufferPointer<UInt8>,
    in fields: inout RecordFields,
    _ element: String
  ) {
    if let field = IndexField.named(name) {
      fields[field] = String(decoding: value, as: UTF8.self)
    } else if !IndexField.otherKnown.contains(name) {
      drift.note("unknown-attribute", "\(element)/@\(name)", sample: String(decoding: value.prefix(80), as: UTF8.self))
    }
  }

  // MARK: - Tables

  private func addTable(
    _ item: String,
    _ list: UnsafeBufferPointer<UInt8>,
    _ kind: ElementKind,
    _ defaults: RecordFields,
    _ element: XMLScanner.Element
  ) throws {
    var columns: [IndexField?] = []
    for column in item.split(separator: ";", maxSplits: limits.attributes, omittingEmptySubsequences: false) {
      let name = String(column.drop { $0 == " " })
      let field = IndexField.named(name)
      if field == nil && !IndexField.otherKnown.contains(name) {
        drift.note("unknown-column", "\(element.name)/\(name)", sample: "\(path):\(element.line)")
      }
      columns.append(field)
    }
    guard columns.count <= limits.attributes else {
      throw IndexError(index: path, line: element.line, problem: .tooMuch("columns", limit: limits.attributes))
    }
    var memory = ColumnMemory(count: columns.count)
    try RecordTable.forEachRecord(list, maximumCells: limits.attributes + 1) { number, cells in
      guard cells.count == columns.count else {
        let problem = IndexError.Problem.wrongCellCount(record: number, cells: cells.count, columns: columns.count)
        throw IndexError(index: path, line: element.line, problem: problem)
      }
      var fields = defaults
      for (column, field) in columns.enumerated() {
        if let field { fields[field] = memory.text(of: cells[column], column: column) }
      }
      try add(kind, fields, isInline: fields[.body] != nil, text: [], line: element.line)
    }
  }

  // MARK: - Entries

  private func add(
    _ kind: ElementKind,
    _ fields: RecordFields,
    isInline: Bool,
    text: [UInt8],
    line: Int
  ) throws {
    guard let name = fields[.name], !name.isEmpty else { return }
    guard entries.count < limits.records else {
      throw IndexError(index: path, line: line, problem: .tooMuch("records", limit: limits.records))
    }
    let named = try resolve(name, in: fields[.folder] ?? root[.folder] ?? "", line: line)
    // Nobody on Windows could keep it: without it the rest of the tree still serves all.
    guard named.deviceName == nil else {
      return drift.note(DriftReport.skippedName, named.string, sample: "\(path):\(line)")
    }
    let isIndex = kind == .index || (kind == .description && fields[.updateType] == "desc")
    entries.append(
      IndexEntry(
        kind: isInline ? .inline : isIndex ? .index : .file,
        path: named,
        components: components.list(of: fields[.components] ?? root[.components] ?? ""),
        applications: fields.restriction(of: RecordFields.ofApplications, or: root),
        operatingSystems: fields.restriction(of: [.operatingSystems], or: root),
        architectures: fields.restriction(of: [.architectures], or: root),
        systemArchitectures: fields.restriction(of: [.systemArchitectures], or: root),
        languages: fields.restriction(of: [.languages], or: root),
        dskm2: try fields[.dskm2].map { try digest($0, line: line) },
        carriesDigest: fields[.dskm] != nil || fields[.dskm2] != nil,
        size: fields[.size].flatMap { Int64($0) }.flatMap(ByteCount.ofFile),
        date: isIndex ? fields[.date].flatMap { IndexDate($0) } : nil,
        fingerprint: fields.fingerprint,
        carried: isInline ? try carried(in: fields, text, line: line) : nil
      )
    )
  }

  /// The index that a record carries inside itself, in base64; `nil` for any other record.
  private func carried(in fields: RecordFields, _ text: [UInt8], line: Int) throws -> [UInt8]? {
    guard mayCarryIndex(fields) else { return nil }
    let encoded = text.isEmpty ? Array((fields[.body] ?? "").utf8) : text
    guard let data = Data(base64Encoded: Data(encoded.filter { $0 > 0x20 })) else {
      throw IndexError(index: path, line: line, problem: .badCarried(fields[.name] ?? ""))
    }
    return Array(data)
  }

  /// The path of a name: folder of this index, `SrvPath`, name; never above the root of the tree.
  private func resolve(_ name: String, in folderText: String, line: Int) throws -> TreePath {
    var parts = folder
    func fail(_ problem: TreePathError.Problem) -> IndexError {
      let text = folderText.isEmpty ? name : "\(folderText)/\(name)"
      return IndexError(index: path, line: line, problem: .badPath(text, problem))
    }
    guard !folderText.hasBytePrefix("/"), !name.hasBytePrefix("/") else { throw fail(.absolute) }
    for text in [folderText, name] {
      for part in text.byteParts where part != "." {
        if part != ".." {
          parts.append(part)
        } else if parts.popLast() == nil {
          throw fail(.leavesRoot)
        }
      }
    }
    do { return try TreePath(parts.joined(separator: "/")) } catch { throw fail(error.problem) }
  }

  private func digest(_ text: String, line: Int) throws -> Digest256 {
    guard let bytes = Data(base64Encoded: text), let digest = Digest256(bytes: bytes) else {
      throw IndexError(index: path, line: line, problem: .badDigest(text))
    }
    return digest
  }
}

/// Neighbouring records have most cells in common: each column remembers its last text.
private struct ColumnMemory {
  private var last: [(bytes: ArraySlice<UInt8>, text: String)]

  init(count: Int) { last = Array(repeating: ([], ""), count: count) }

  mutating func text(of cell: ArraySlice<UInt8>, column: Int) -> String {
    if last[column].bytes == cell { return last[column].text }
    let text = String(decoding: cell, as: UTF8.self)
    last[column] = (cell, text)
    return text
  }
}

/// Lists of components, each made once.
private struct ComponentLists {
  private var lists: [String: [String]] = [:]

  mutating func list(of text: String) -> [String] {
    if let list = lists[text] { return list }
    let list = text.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
    lists[text] = list
    return list
  }
}
