import FileSystem
import SystemPackage

/// How a journal ends: found by reading its last bytes only. To be looked for under a lock.
struct JournalEnd {
  /// The last whole line without its line feed, and where it begins in bytes; `nil` if there is none.
  let lastLine: (bytes: [UInt8], offset: Int64)?
  /// Where the whole lines end, in bytes.
  let size: Int64
  /// What is behind them: as a rule nothing.
  let torn: [UInt8]

  /// The most bytes of one append, which are the most that a killed one can leave: a repair and an entry.
  static let longestAppend = 2 * (JournalLine.longest + 1)

  /// Finds the end of a file.
  init(of file: borrowing JournalFile) throws(JournalError) {
    let fileSize = try file.size
    let start = max(0, fileSize - Int64(Self.longestAppend + JournalLine.longest + 1))
    let bytes = try file.read(start..<fileSize)
    let feed = bytes.lastIndex(of: .lineFeed)
    torn = Array(bytes[(feed.map { $0 + 1 } ?? 0)...])
    size = fileSize - Int64(torn.count)
    lastLine = feed.map { feed in
      let beginning = bytes[..<feed].lastIndex(of: .lineFeed).map { $0 + 1 } ?? 0
      return (Array(bytes[beginning..<feed]), start + Int64(beginning))
    }
  }

  /// What is wrong with the bytes behind the whole lines; `nil` if there are none, or a killed append or a power cut can
  /// have left them: the beginning of a line, or zeros in its place.
  var tornReason: JournalError.Reason? {
    guard torn.count <= Self.longestAppend else { return .tooLong }
    let beginning = torn.prefix { $0 != 0 }.prefix(JournalLine.beginning.count)
    return JournalLine.beginning.starts(with: beginning) ? nil : .foreignEnd
  }

  /// The last entry; `nil` if there is none.
  ///
  /// - Throws: ``JournalError/broken(_:line:offset:_:)`` if the last line is not an entry, or what is behind it is not the
  ///   beginning of one.
  func lastEntry(of path: FilePath) throws(JournalError) -> JournalEntry? {
    if let tornReason { throw .broken(path, line: nil, offset: size, tornReason) }
    guard let lastLine else { return nil }
    do {
      return try JournalLine.entry(lastLine.bytes)
    } catch {
      throw .broken(path, line: nil, offset: lastLine.offset, error)
    }
  }
}

extension UInt8 {
  /// What ends a line.
  static let lineFeed = UInt8(ascii: "\n")
}
