/// A second reading of an index, written another way than the parser's, to compare the two.
///
/// It looks for tags and attributes as text, and tells separators by the count of backslashes before them: a `;` ends a
/// record when that count is even; a `|` ends a cell when half the count, rounded down, is even.
struct IndependentReader {
  private(set) var tables = 0
  private(set) var records = 0
  private(set) var cells = 0
  private(set) var singles = 0
  /// Records with another count of cells than their table has columns.
  private(set) var wrongRecords = 0
  /// The name of each record and each single element that names something, in the order of the index.
  private(set) var names: [String] = []

  private let bytes: [UInt8]
  private var position = 0

  private static let namingElements: Set<String> = [
    "Index", "Indexes", "File", "Files", "Patch", "Patches", "Blst", "Blsts", "FileDescription",
  ]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    while position < bytes.count {
      position += 1
      guard bytes[position - 1] == UInt8(ascii: "<"), bytes[position] != UInt8(ascii: "/") else { continue }
      let element = word()
      var attributes: [String: [UInt8]] = [:]
      while let attribute = attribute() { attributes[attribute.name] = attribute.value }
      guard Self.namingElements.contains(element) else { continue }
      let name = (attributes["Name"] ?? attributes["Filename"]).map { String(decoding: $0, as: UTF8.self) }
      if let item = attributes["Item"], let list = attributes["List"] {
        let columns = String(decoding: item, as: UTF8.self).split(separator: ";", omittingEmptySubsequences: false)
        readTable(list, columns: columns, name: name)
      } else if let name {
        singles += 1
        names.append(name)
      }
    }
  }

  private func isBlank(_ byte: UInt8) -> Bool { byte <= 0x20 }

  private mutating func word() -> String {
    let start = position
    while !isBlank(bytes[position]), bytes[position] != 0x2F, bytes[position] != 0x3D, bytes[position] != 0x3E {
      position += 1
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func attribute() -> (name: String, value: [UInt8])? {
    while isBlank(bytes[position]) { position += 1 }
    if bytes[position] == UInt8(ascii: "/") || bytes[position] == UInt8(ascii: ">") { return nil }
    let name = word()
    while isBlank(bytes[position]) || bytes[position] == UInt8(ascii: "=") { position += 1 }
    let quote = bytes[position]
    let start = position + 1
    position = start
    var hasEntity = false
    while bytes[position] != quote {
      if bytes[position] == UInt8(ascii: "&") { hasEntity = true }
      position += 1
    }
    let value = Array(bytes[start..<position])
    position += 1
    guard hasEntity else { return (name, value) }
    var text = String(decoding: value, as: UTF8.self)
    for (entity, character) in Self.entities {
      text = text.split(separator: entity, omittingEmptySubsequences: false).joined(separator: character)
    }
    return (name, Array(text.utf8))
  }

  /// `&amp;` last: what it makes begins no other.
  private static let entities = [
    ("&apos;", "'"), ("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&#10;", "\n"), ("&#13;", "\r"), ("&#34;", "\""),
    ("&#39;", "'"), ("&amp;", "&"),
  ]

  /// - Parameter name: the name of all records, where `Name` is no column.
  private mutating func readTable(_ list: [UInt8], columns: [Substring], name: String?) {
    tables += 1
    let nameColumn = columns.firstIndex { $0 == "Name" }
    var (backslashes, cell, cellStart, isRecordBlank) = (0, 0, 0, true)
    var recordName = name
    for end in 0...list.count {
      let byte = end < list.count ? list[end] : UInt8(ascii: ";")
      let endsRecord = end == list.count || (byte == UInt8(ascii: ";") && backslashes.isMultiple(of: 2))
      if endsRecord || (byte == UInt8(ascii: "|") && (backslashes / 2).isMultiple(of: 2)) {
        if cell == nameColumn {
          let text = list[cellStart..<end].filter { !isBlank($0) && $0 != UInt8(ascii: "\\") }
          recordName = String(decoding: text, as: UTF8.self)
        }
        cell += 1
        cellStart = end + 1
        if !endsRecord { isRecordBlank = false }
      } else if !isBlank(byte) {
        isRecordBlank = false
      }
      if endsRecord {
        if !isRecordBlank {
          records += 1
          cells += cell
          if cell != columns.count { wrongRecords += 1 }
          names.append(recordName ?? "")
        }
        (cell, isRecordBlank, recordName) = (0, true, name)
      }
      backslashes = byte == UInt8(ascii: "\\") ? backslashes + 1 : 0
    }
  }
}
