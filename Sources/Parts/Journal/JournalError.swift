import Failures
import FileSystem
import SystemPackage

/// A journal that cannot be read or continued.
package enum JournalError: Error, Hashable, Sendable {
  /// The operating system refuses something.
  case file(FileError)
  /// Another process has kept the journal locked for all of the time that one waits, in seconds; who, if that can be seen.
  case busy(FilePath, seconds: Int, holder: LockHolder?)
  /// The journal is not what the program has written.
  ///
  /// - line: the number of the line from 1; `nil` where only the end of the file was read.
  /// - offset: where the line begins, in bytes.
  case broken(FilePath, line: Int?, offset: Int64, Reason)
  /// The journal ends before a position that was noted: its end was cut off, or it is another journal.
  case lacks(FilePath, noted: JournalPosition, last: JournalPosition?)
  /// The journal has another entry at a position that was noted: it was written anew, or it is another journal.
  case differs(FilePath, noted: JournalPosition, found: JournalPosition)

  /// What is wrong with a line.
  package enum Reason: Error, Hashable, Sendable {
    /// It is not JSON, or none that is an entry; with the name of the first field that is missing or wrong, if known.
    case noEntry(field: String?)
    /// It is an entry, but not in the form in which the program writes one.
    case otherForm
    /// Its time is none.
    case time
    /// It is longer than a line may be.
    case tooLong
    /// Its number is not the one that follows.
    case number(expected: Int, found: Int)
    /// Its `previous` is not the digest of the line before (or, in the first line, not 64 zeros).
    case previous
    /// It has no line feed, and is not a beginning of an entry either.
    case foreignEnd
  }
}

extension JournalError: CustomStringConvertible {
  /// The error in words.
  package var description: String {
    switch self {
    case .file(let error): "\(error)"
    case .busy(let path, let seconds, let holder):
      "\(path) is in use by another process: it is still locked after \(seconds) s"
        + (holder.map { ", by \($0)" } ?? "")
    case .broken(let path, let line, let offset, let reason):
      "\(path) is broken in \(line.map { "line \($0)," } ?? "the line") at byte \(offset): \(reason)"
    case .lacks(let path, let noted, let last):
      "\(path) ends \(last.map { "with entry \($0.number)" } ?? "without any entry"), before entry \(noted.number), "
        + "which was noted with the digest \(noted.digest): its end was cut off, or it is another journal"
    case .differs(let path, let noted, let found):
      "\(path) has an entry \(noted.number) with the digest \(found.digest), but \(noted.digest) was noted: "
        + "it was changed, or it is another journal"
    }
  }
}

extension JournalError.Reason: CustomStringConvertible {
  /// The reason in words.
  package var description: String {
    switch self {
    case .noEntry(nil): "it is not an entry of a journal"
    case .noEntry(let field?): "it is not an entry of a journal: '\(field)' is missing or wrong"
    case .otherForm: "it is not in the form in which entries are written"
    case .time: "its time is not of the form 2026-11-23T21:40:00Z"
    case .tooLong: "it is longer than \(JournalLine.longest) bytes"
    case .number(let expected, let found): "its number is \(found), but \(expected) follows"
    case .previous: "it does not carry the SHA-256 of the line before: one of the two was changed"
    case .foreignEnd: "it has no line feed, and is not a beginning of an entry"
    }
  }
}

extension JournalError: Failure {
  package var status: ExitStatus {
    switch self {
    case .file(let cause): cause.status
    case .busy: .busy
    case .broken, .lacks, .differs: .brokenJournal
    }
  }

  package var remedy: String? {
    switch self {
    case .file(let cause): cause.remedy
    case .busy: "Try again later."
    case .broken, .lacks, .differs:
      "It was changed, by a person or by a failing disk. Keep the file for the person who investigates this, move it away, and run the command again: a new journal begins then."
    }
  }
}
