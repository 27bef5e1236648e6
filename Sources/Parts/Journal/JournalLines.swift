import FileSystem
import SystemPackage

/// The whole lines of a journal, one after the other, with the memory of a few of them.
struct JournalLines: ~Copyable {
  /// The number of the last line that was read, from 1; `nil` if the file was not read from its beginning.
  private(set) var number: Int?
  /// Where that line begins, in bytes.
  private(set) var offset: Int64
  private let file: JournalFile
  private let end: Int64
  private var read: Int64
  private var buffer: [UInt8] = []
  private var position = 0

  /// The lines between two places of a file, both of them borders of lines.
  init(of file: consuming JournalFile, in range: Range<Int64>) {
    self.file = file
    number = range.lowerBound == 0 ? 0 : nil
    (offset, read, end) = (range.lowerBound, range.lowerBound, range.upperBound)
  }

  /// The next line without its line feed, and the entry that it is; `nil` at the end.
  mutating func next() throws(JournalError) -> (bytes: [UInt8], entry: JournalEntry)? {
    guard let line = try nextLine() else { return nil }
    do {
      return (line, try JournalLine.entry(line))
    } catch {
      throw broken(error)
    }
  }

  /// An error in the last line that was read.
  func broken(_ reason: JournalError.Reason) -> JournalError {
    .broken(file.path, line: number, offset: offset, reason)
  }

  private mutating func nextLine() throws(JournalError) -> [UInt8]? {
    offset = read - Int64(buffer.count - position)
    guard offset < end else { return nil }
    number = number.map { $0 + 1 }
    var searched = position
    while true {
      if let feed = buffer[searched...].firstIndex(of: .lineFeed) {
        defer { position = feed + 1 }
        return Array(buffer[position..<feed])
      }
      guard buffer.count - position <= JournalLine.longest else { throw broken(.tooLong) }
      searched = buffer.count - position
      try fill()
    }
  }

  private mutating func fill() throws(JournalError) {
    let more = try file.read(read..<min(end, read + 131_072))
    // Somebody has cut the file meanwhile.
    guard !more.isEmpty else { throw broken(.noEntry(field: nil)) }
    buffer.removeFirst(position)
    buffer += more
    position = 0
    read += Int64(more.count)
  }
}
