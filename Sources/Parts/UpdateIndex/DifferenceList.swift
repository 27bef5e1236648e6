import MirrorTypes

/// A list of differences (``DifferenceKind/list``): UTF-8 with a byte order mark, CRLF; each line names a file in the
/// list's own folder.
///
/// The byte order mark may be missing and lines may end in LF alone: nothing depends on either, and the bytes are
/// mirrored as they are.
package struct DifferenceList: Sendable, Hashable {
  /// The differences that it names, in its order, each once.
  package let files: [TreePath]

  /// The most bytes of a list.
  package static let maximumBytes = 256 << 10
  /// The most lines of a list.
  package static let maximumLines = 1000

  /// Reads a list.
  ///
  /// - Parameters:
  ///   - bytes: its bytes.
  ///   - path: where it lies.
  /// - Throws: ``DifferenceListError`` when any line of it is not a name of a file in its folder, or a bound is passed.
  package init(parsing bytes: [UInt8], at path: TreePath) throws(DifferenceListError) {
    guard bytes.count <= Self.maximumBytes else {
      throw DifferenceListError(list: path, problem: .tooMuch("bytes", limit: Self.maximumBytes))
    }
    var content = bytes[...]
    if content.starts(with: [0xEF, 0xBB, 0xBF]) { content = content.dropFirst(3) }
    let lines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    // What follows the last line's end is not a line.
    guard lines.count - (lines.last?.isEmpty == true ? 1 : 0) <= Self.maximumLines else {
      throw DifferenceListError(list: path, problem: .tooMuch("lines", limit: Self.maximumLines))
    }
    var files: [TreePath] = []
    var known: Set<TreePath> = []
    for (number, line) in lines.enumerated() {
      let name = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      if name.isEmpty { continue }
      let file = try Self.file(name, beside: path, line: number + 1)
      if known.insert(file).inserted { files.append(file) }
    }
    self.files = files
  }

  private static func file(
    _ bytes: ArraySlice<UInt8>,
    beside list: TreePath,
    line: Int
  ) throws(DifferenceListError) -> TreePath {
    guard let name = String(validating: bytes, as: UTF8.self) else {
      throw DifferenceListError(list: list, line: line, problem: .notText)
    }
    guard !name.utf8.contains(UInt8(ascii: "/")) else {
      throw DifferenceListError(list: list, line: line, problem: .elsewhere(name))
    }
    do {
      let file = try TreePath(name)
      return try list.folder?.appending(file) ?? file
    } catch {
      throw DifferenceListError(list: list, line: line, problem: .badName(name, error.problem))
    }
  }
}

/// Why a list of differences is refused.
package struct DifferenceListError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong with a list.
  package enum Problem: Hashable, Sendable {
    /// It passes a bound.
    case tooMuch(String, limit: Int)
    /// A line is not UTF-8.
    case notText
    /// A line names a file outside the list's folder.
    case elsewhere(String)
    /// A line cannot be the name of a file.
    case badName(String, TreePathError.Problem)
  }

  /// The list.
  package let list: TreePath
  /// The line in it, counted from 1, where it is one line's fault.
  package let line: Int?
  /// What is wrong.
  package let problem: Problem

  /// A refusal.
  package init(list: TreePath, line: Int? = nil, problem: Problem) {
    self.list = list
    self.line = line
    self.problem = problem
  }

  /// The refusal in words.
  package var description: String { "\(line.map { "\(list):\($0)" } ?? "\(list)"): \(reason)" }

  private var reason: String {
    switch problem {
    case .tooMuch(let what, let limit): "has too many \(what); the bound is \(limit)"
    case .notText: "is not UTF-8 text"
    case .elsewhere(let name): "names a file outside its folder: \(String(name.prefix(160)).debugDescription)"
    case .badName(let name, let problem): TreePathError(text: name, problem: problem).description
    }
  }
}
