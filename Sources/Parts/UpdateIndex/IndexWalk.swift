import MirrorTypes

/// The walk over a tree's indexes, breadth first from the primary ones, as a state machine without I/O: the caller
/// fetches, and hands over each index's bytes.
///
/// An index may be named by several others, and two may name each other: 1313g and 1901g do so by their retranslation
/// components, where the sibling is named as a plain file. Each index is therefore taken once. What no honest tree has
/// is an index that names one of its own ancestors as an index, or goes deeper than the bounds allow: that is refused.
package struct IndexWalk: Sendable {
  /// What the indexes say of one file.
  package struct NamedFile: Sendable, Hashable {
    /// Its path from the root of the tree.
    package let path: TreePath
    /// The index that named it first.
    package let namedBy: TreePath
    /// The components that it is of there.
    package let components: [String]
    /// The vendor's digest, from whichever index has one.
    package internal(set) var dskm2: Digest256?
    /// Its size in bytes, if told.
    package let size: Int64?
    /// The date that the first index has of it, where it is an index.
    package let date: IndexDate?
    /// A digest of what the first index says of its content.
    package let fingerprint: UInt64
    /// Whether that has a digest in it, so that the same fingerprint means the same content.
    package let carriesDigest: Bool

    init(_ entry: IndexEntry, namedBy index: TreePath) {
      path = entry.path
      namedBy = index
      components = entry.components
      dskm2 = entry.dskm2
      size = entry.size
      date = entry.date
      fingerprint = entry.fingerprint
      carriesDigest = entry.carriesDigest
    }
  }

  /// An index that another one carries inside itself: a primary index of another generation, or what carries one
  /// (FORMAT.md, section 1).
  package struct CarriedIndex: Sendable, Hashable {
    /// What the carrying index says of it.
    package let file: NamedFile
    /// Its bytes.
    package let bytes: [UInt8]
  }

  /// What one index adds to the walk.
  package struct Step: Sendable {
    /// Indexes that were not named before.
    package var indexes: [NamedFile] = []
    /// Files that were not named before, and files named before of which this index is the first to tell a DSKM2
    /// digest: those have that digest set, and else what this index says.
    package var files: [NamedFile] = []
    /// Indexes that stand inside this one: whoever retranslates puts them beside it and walks them too.
    package var carried: [CarriedIndex] = []
    /// What the index says of itself.
    package let header: IndexFile.Header
    /// All indexes that it names, those among them that others named before.
    package var named: [TreePath] = []

    init(_ header: IndexFile.Header) { self.header = header }
  }

  /// What in the indexes is unknown to us.
  package private(set) var drift = DriftReport()
  /// The dates of the primary indexes taken so far.
  package private(set) var dates: [TreePath: IndexDate] = [:]

  /// The primary indexes: those that the walk began with, and those that others carry.
  private var primaries: Set<TreePath>
  private let selection: Selection
  private let limits: IndexLimits
  /// Each index that was named, with the one that named it first.
  private var parents: [TreePath: TreePath?] = [:]
  /// Each file that was named, and whether a DSKM2 digest is known of it.
  private var files: [TreePath: Bool] = [:]

  /// Begins a walk.
  package init(primaries: [TreePath], selection: Selection, limits: IndexLimits = IndexLimits()) {
    self.primaries = Set(primaries)
    self.selection = selection
    self.limits = limits
    for primary in primaries { parents[primary] = .some(nil) }
  }

  /// Takes an index's bytes.
  ///
  /// - Returns: what it adds: the caller fetches the indexes and hands them over in turn.
  /// - Throws: ``IndexError`` when the index is malformed or hostile.
  package mutating func take(_ bytes: [UInt8], of index: TreePath) throws(IndexError) -> Step {
    try take(try read(bytes, of: index))
  }

  /// Reads an index within the bounds of this walk, without taking it.
  package func read(_ bytes: [UInt8], of index: TreePath) throws(IndexError) -> IndexFile {
    try IndexParser.parse(bytes, at: index, limits: limits)
  }

  /// Takes an index that was read: see ``take(_:of:)``.
  package mutating func take(_ file: IndexFile) throws(IndexError) -> Step {
    let index = file.path
    drift.merge(file.drift)
    if primaries.contains(index) { dates[index] = file.date }
    var step = Step(file.header)
    for var entry in file.entries where selection.admits(entry) {
      // A digest proves nothing where no signature can be checked.
      if !file.header.isSignable { entry.dskm2 = nil }
      switch entry.kind {
      case .inline:
        if let bytes = entry.carried { try take(carried: entry, bytes, from: index, into: &step) }
      case .index:
        step.named.append(entry.path)
        try take(index: entry, from: index, into: &step)
      case .file: try take(file: entry, from: index, into: &step)
      }
    }
    return step
  }

  /// Takes an index that stands inside another one. It is handed out whether it is known already or not, to be compared.
  private mutating func take(
    carried entry: IndexEntry,
    _ bytes: [UInt8],
    from parent: TreePath,
    into step: inout Step
  ) throws(IndexError) {
    if parents[entry.path] == nil { try adopt(entry.path, below: parent) }
    if PrimaryIndexes.isPrimary(entry.path) { primaries.insert(entry.path) }
    step.carried.append(CarriedIndex(file: NamedFile(entry, namedBy: parent), bytes: bytes))
  }

  private mutating func take(index entry: IndexEntry, from parent: TreePath, into step: inout Step) throws(IndexError) {
    if parents[entry.path] != nil {
      guard !ancestors(of: parent).contains(entry.path) else {
        throw IndexError(index: parent, problem: .loop(entry.path))
      }
      return
    }
    try adopt(entry.path, below: parent)
    step.indexes.append(NamedFile(entry, namedBy: parent))
  }

  /// Notes an index that was not named before.
  private mutating func adopt(_ index: TreePath, below parent: TreePath) throws(IndexError) {
    guard ancestors(of: parent).count < limits.indexDepth else {
      throw IndexError(index: parent, problem: .tooMuch("indexes below one another", limit: limits.indexDepth))
    }
    guard parents.count < limits.indexes else {
      throw IndexError(index: parent, problem: .tooMuch("indexes in one tree", limit: limits.indexes))
    }
    parents[index] = .some(parent)
  }

  private mutating func take(file entry: IndexEntry, from index: TreePath, into step: inout Step) throws(IndexError) {
    let known = files[entry.path]
    guard known == nil || (known == false && entry.dskm2 != nil) else { return }
    guard known != nil || files.count < limits.files else {
      throw IndexError(index: index, problem: .tooMuch("files in one tree", limit: limits.files))
    }
    files[entry.path] = entry.dskm2 != nil
    step.files.append(NamedFile(entry, namedBy: index))
  }

  /// An index and all above it.
  private func ancestors(of index: TreePath) -> [TreePath] {
    var chain = [index]
    while let last = chain.last, let parent = parents[last] ?? nil { chain.append(parent) }
    return chain
  }
}
