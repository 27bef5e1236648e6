import Failures
import MirrorTypes

/// Bounds on what an index, and a walk over indexes, may ask of us: far above the vendor's real figures
/// (FORMAT.md, sections 1, 2 and 5), far below what would hurt.
package struct IndexLimits: Sendable, Hashable {
  /// Bytes of one index; the largest real one has 0.8 MB.
  package var bytes = 64 << 20
  /// Records of one index; the largest real one has some 8,000.
  package var records = 200_000
  /// Elements inside one another; real indexes have 2.
  package var elementDepth = 8
  /// Attributes of one element, and columns of one table; real ones have up to 12.
  package var attributes = 256
  /// Indexes below one another, from the primary one; real trees have 4.
  package var indexDepth = 16
  /// Indexes of one walk; real trees have 1,600.
  package var indexes = 50_000
  /// Files of one walk; real trees have 76,000.
  package var files = 5_000_000

  /// The usual bounds.
  package init() {}
}

/// Why an index is refused.
package struct IndexError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong with an index.
  package enum Problem: Hashable, Sendable {
    /// There is no end tag of a root element: the file is cut short, or no index.
    case noEndTag
    /// It is not well-formed XML, in the parser's words.
    case notWellFormed(String)
    /// It has a document type or entities, which no honest index has.
    case documentType
    /// The root element is none that we know.
    case unknownRoot(String)
    /// A version of the format that we do not know.
    case unknownFormat(String)
    /// A record of a table has another count of cells than the table has columns; counted up to a bound.
    case wrongCellCount(record: Int, cells: Int, columns: Int)
    /// A path in it leaves the root of the tree, or cannot be a path.
    case badPath(String, TreePathError.Problem)
    /// A digest in it is not base64 of 32 bytes.
    case badDigest(String)
    /// An index that stands inside it is not base64.
    case badCarried(String)
    /// It names an index that it hangs off itself.
    case loop(TreePath)
    /// It passes a bound.
    case tooMuch(String, limit: Int)
  }

  /// The index.
  package let index: TreePath
  /// The line in it, counted from 1, where known.
  package let line: Int?
  /// What is wrong.
  package let problem: Problem

  /// A refusal.
  package init(index: TreePath, line: Int? = nil, problem: Problem) {
    self.index = index
    self.line = line
    self.problem = problem
  }

  /// Whether no honest index has this: an attack, not an accident.
  package var isHostile: Bool {
    switch problem {
    case .documentType, .badPath, .loop, .tooMuch: true
    default: false
    }
  }

  /// The refusal in words.
  package var description: String {
    let place = line.map { "\(index):\($0)" } ?? "\(index)"
    return "\(place): \(reason)"
  }

  /// The same, without the place.
  package var reason: String {
    switch problem {
    case .noEndTag: "is truncated or no index: it has no </Update> or </UpdateFiles>"
    case .notWellFormed(let why): "is malformed: \(why)"
    case .documentType: "has a document type or entities, which no honest index has"
    case .unknownRoot(let name): "has the unknown root element <\(name.prefix(40))>"
    case .unknownFormat(let format): "has the unknown format '\(format.prefix(40))'"
    case .wrongCellCount(let record, let cells, let columns):
      "record \(record) of a table has \(cells) cells where there are \(columns) columns"
    case .badPath(let text, let problem): TreePathError(text: text, problem: problem).description
    case .badDigest(let text):
      "has a digest that is not base64 of 32 bytes: \(String(text.prefix(60)).debugDescription)"
    case .badCarried(let name): "carries an index \(String(name.prefix(60)).debugDescription) that is not base64"
    case .loop(let path): "names \(path), which it hangs off itself: a loop"
    case .tooMuch(let what, let limit): "has too many \(what); the bound is \(limit)"
    }
  }
}

extension IndexError: Failure {
  package var status: ExitStatus { isHostile ? .hostileIndex : .malformedIndex }

  package var remedy: String? {
    isHostile
      ? "No honest server sends this: look at the server, and at who stands between it and you."
      : "The server may be in the middle of an update: run sync again later."
  }
}
