/// Splits the tables of the formats 2.0 and 3.0 (FORMAT.md, section 2).
///
/// `List` is split on `;` into records, and each record on `|` into cells; `\x` stands for `x` in both steps, one
/// after the other, so that `KAV\\|KIS 21\;KES 11` is the one cell `KAV|KIS 21;KES 11`. Blanks around cells fall away,
/// and so do records of blanks alone.
enum RecordTable {
  /// Calls `body` with the cells of each record, and the record's number, counted from 1.
  ///
  /// The buffers are reused: a cell is valid while `body` runs. Of more than `maximumCells` cells the last has all the
  /// rest: a hostile record must not fill the memory with cells.
  static func forEachRecord(
    _ list: UnsafeBufferPointer<UInt8>,
    maximumCells: Int,
    _ body: (Int, [ArraySlice<UInt8>]) throws -> Void
  ) rethrows {
    var record: [UInt8] = []
    var number = 0
    var position = 0
    var isBlank = true
    func finish() throws {
      if !isBlank {
        number += 1
        try body(number, cells(of: record, atMost: maximumCells))
      }
      record.removeAll(keepingCapacity: true)
      isBlank = true
    }
    while position < list.count {
      let byte = list[position]
      position += 1
      switch byte {
      case UInt8(ascii: ";"):
        try finish()
      case UInt8(ascii: "\\") where position < list.count:
        record.append(list[position])
        position += 1
        isBlank = false
      default:
        record.append(byte)
        if !isBlankByte(byte) { isBlank = false }
      }
    }
    try finish()
  }

  private static func cells(of record: [UInt8], atMost maximum: Int) -> [ArraySlice<UInt8>] {
    // Almost no cell has an escape left: then the cells are parts of the record itself.
    guard record.contains(UInt8(ascii: "\\")) else {
      return record.split(separator: UInt8(ascii: "|"), maxSplits: maximum - 1, omittingEmptySubsequences: false)
        .map(trimmed)
    }
    var cells: [ArraySlice<UInt8>] = []
    var cell: [UInt8] = []
    var position = 0
    while position < record.count {
      let byte = record[position]
      position += 1
      switch byte {
      case UInt8(ascii: "|") where cells.count < maximum - 1:
        cells.append(trimmed(cell[...]))
        cell = []
      case UInt8(ascii: "\\") where position < record.count:
        cell.append(record[position])
        position += 1
      default:
        cell.append(byte)
      }
    }
    cells.append(trimmed(cell[...]))
    return cells
  }

  /// The bytes without blanks and line breaks around them.
  static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var bytes = bytes
    while let first = bytes.first, isBlankByte(first) { bytes.removeFirst() }
    while let last = bytes.last, isBlankByte(last) { bytes.removeLast() }
    return bytes
  }

  private static func isBlankByte(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }
}
