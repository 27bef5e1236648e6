import FileSystem
import SystemPackage
import TestSupport
import Testing

@testable import Journal

/// A journal in a folder of a test's own.
struct JournalFixture {
  let folder = TemporaryFolder()
  let alice = Operator(user: "alice", host: "gate")
  var path: FilePath { folder["journal"] }
  var journal: Journal { Journal(file: path) }

  @discardableResult
  func append(_ text: String, facts: [String: JournalValue] = [:]) throws -> JournalPosition {
    try journal.append(.import, outcome: .ok, text: text, facts: facts, at: 1_795_470_000, by: alice)
  }

  /// Appends some entries, and returns where they are.
  @discardableResult
  func fill(_ count: Int) throws -> [JournalPosition] {
    try (1...count).map { try append("Imported snapshot \($0).", facts: ["snapshot": .integer(Int64($0))]) }
  }

  func bytes() throws -> [UInt8] { try Files.read(path, atMost: 1 << 24) }

  /// The lines, each with its line feed.
  func lines() throws -> [[UInt8]] {
    try bytes().split(separator: .lineFeed).map { $0 + [.lineFeed] }
  }

  /// Puts other bytes in the place of the journal, as somebody would who tampers with it.
  func write(_ bytes: some Sequence<UInt8>) throws {
    var file = try OutputFile(path)
    try file.write(Array(bytes))
    try file.close()
  }

  func entries() throws -> [JournalEntry] {
    var entries: [JournalEntry] = []
    try journal.forEach { entries.append($0) }
    return entries
  }
}

/// What is wrong with which line, if that is the error.
func breakage(_ error: JournalError?) -> (line: Int?, reason: JournalError.Reason)? {
  guard case .broken(_, let line, _, let reason)? = error else { return nil }
  return (line, reason)
}

/// What the operating system said, if that is the error.
func fileError(_ error: JournalError?) -> FileError? {
  guard case .file(let cause)? = error else { return nil }
  return cause
}
