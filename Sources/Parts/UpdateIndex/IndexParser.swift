import MirrorTypes

/// Reads an index of any generation (FORMAT.md, section 2). Unknown elements, attributes and columns are noted and
/// skipped.
package enum IndexParser {
  /// Reads one index.
  ///
  /// - Parameters:
  ///   - bytes: the whole file, with the signatures behind the XML.
  ///   - path: where it stands in the tree: paths in it are relative to its folder.
  ///   - limits: bounds on what it may ask of us.
  /// - Throws: ``IndexError`` with the line and the reason.
  package static func parse(
    _ bytes: [UInt8],
    at path: TreePath,
    limits: IndexLimits = IndexLimits()
  ) throws(IndexError) -> IndexFile {
    guard bytes.count <= limits.bytes else {
      throw IndexError(index: path, problem: .tooMuch("bytes", limit: limits.bytes))
    }
    guard let count = xmlByteCount(of: bytes) else { throw IndexError(index: path, problem: .noEndTag) }
    let reader = IndexReader(path: path, limits: limits)
    let scanner = XMLScanner(maximumDepth: limits.elementDepth, maximumAttributes: limits.attributes)
    do throws(XMLScanner.Failure) {
      try bytes.withUnsafeBufferPointer { (all) throws(XMLScanner.Failure) in
        try scanner.scan(UnsafeBufferPointer(rebasing: all[..<count]), reader)
      }
    } catch {
      throw IndexError(error, in: path)
    }
    return try reader.finish(xmlByteCount: count, hasTrailer: hasTrailer(bytes[count...]))
  }

  /// Whether a line that begins with `=!` is among the signatures. The binary one is the last of them, so that nothing
  /// in it can be taken for the mark of another.
  private static func hasTrailer(_ signatures: ArraySlice<UInt8>) -> Bool {
    let mark = Array("\n=!".utf8)
    var rest = signatures
    while let start = rest.firstIndex(of: mark[0]) {
      rest = rest[start...]
      if rest.starts(with: mark) { return true }
      rest = rest.dropFirst()
    }
    return false
  }

  /// How many bytes there are up to the end of the last end tag of a root element.
  private static func xmlByteCount(of bytes: [UInt8]) -> Int? {
    let tags = ["</Update>", "</UpdateFiles>"].map { Array($0.utf8) }
    // The last end tag is near the end of the file, but binary signatures of any length may follow.
    var start = bytes.count - 1
    while start >= 0 {
      if bytes[start] == UInt8(ascii: "<") {
        for tag in tags where bytes[start...].starts(with: tag) { return start + tag.count }
      }
      start -= 1
    }
    return nil
  }
}

extension IndexError {
  init(_ failure: XMLScanner.Failure, in index: TreePath) {
    switch failure {
    case .notWellFormed(let why, let line): self.init(index: index, line: line, problem: .notWellFormed(why))
    case .documentType(let line): self.init(index: index, line: line, problem: .documentType)
    case .tooDeep(let limit, let line):
      self.init(index: index, line: line, problem: .tooMuch("elements inside one another", limit: limit))
    case .tooManyAttributes(let limit, let line):
      self.init(index: index, line: line, problem: .tooMuch("attributes", limit: limit))
    case .handler(let error):
      self = error as? IndexError ?? IndexError(index: index, problem: .notWellFormed("\(error)"))
    }
  }
}
