import Failures
import StrictJSON
import SystemPackage

/// A document, file or folder that cannot be read or written.
package enum ExchangeError: Error, Hashable, Sendable {
  /// The operating system refuses something: what was being done, to which file or folder, and its reason.
  case file(operation: String, FilePath, Errno)
  /// A document is not what it should be.
  ///
  /// - name: which one, for people.
  /// - line: the line, from 1; `nil` where it is about the whole.
  case document(name: String, line: Int?, DocumentProblem)
}

/// What is wrong with a document.
package enum DocumentProblem: Error, Hashable, Sendable {
  /// It is no JSON, or breaks a bound of it.
  case json(JSONError)
  /// It is another kind of document, or none.
  case notThis(expected: String)
  /// Its format is newer than this program.
  case version(Int64)
  /// A field that no such document has.
  case unknownField(String)
  /// A field has a value that it may not have.
  case value(field: String)
  /// A field is missing.
  case missing(field: String)
  /// It has more of something than it may have.
  case tooMany(String, limit: Int)
  /// A line or the whole has more bytes than it may have.
  case tooLong(limit: Int)
  /// Its records are not in their order, or one is there twice.
  case order(String)
  /// It ends before its last line: it was cut.
  case cut
  /// Its last line counts other records than it has.
  case miscounted
  /// Something stands behind its last line.
  case behindEnd
  /// Another program's output holds nothing that is known.
  case nothingKnown(String)
}

extension ExchangeError: CustomStringConvertible {
  /// The error in words.
  package var description: String {
    switch self {
    case .file(let operation, let path, let reason): return "cannot \(operation) \(path): \(reason)"
    case .document(let name, let line, let problem):
      let place = line.map { ", line \($0)" } ?? ""
      return "\(SafeText.printable(name))\(place): \(problem)"
    }
  }
}

extension DocumentProblem: CustomStringConvertible {
  /// The problem in words.
  package var description: String {
    switch self {
    case .json(let error): "not valid JSON: \(error)"
    case .notThis(let expected): "it is no \(expected)"
    case .version(let version): "its format is version \(version), which this program does not know; a newer one does"
    case .unknownField(let name): "it has an unknown field '\(Self.shown(name))'"
    case .value(let name): "its field '\(Self.shown(name))' has a value that it cannot have"
    case .missing(let name): "its field '\(name)' is missing"
    case .tooMany(let what, let limit): "it has more than \(limit) \(what)"
    case .tooLong(let limit): "it has more than \(limit) bytes"
    case .order(let what): "its \(what) are not in order, or one is there twice"
    case .cut: "its end is missing: it was cut; export or copy it again"
    case .miscounted: "it has not as many records as its last line says; export or copy it again"
    case .behindEnd: "there is something after its last line"
    case .nothingKnown(let what): "it holds nothing that \(what) is known to write"
    }
  }

  private static func shown(_ name: String) -> String { SafeText.printable(String(name.prefix(80))) }
}

extension ExchangeError: Failure {
  package var status: ExitStatus {
    switch self {
    case .file(_, _, let reason): reason == .noSuchFileOrDirectory ? .notThere : .inputOutput
    case .document: .wrongContent
    }
  }
}
