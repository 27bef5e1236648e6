import Catalogue
import JobCore
import MirrorTypes
import UpdateIndex

/// What a walk's indexes name and the servers do not have, against all that they name.
struct AbsenceCensus {
  /// An index that the servers do not have.
  struct MissingIndex: Hashable {
    let path: String
    /// The components that it is of.
    let components: [String]
    /// The index that names it.
    let namedBy: String
    /// The HTTP status with which it was refused; `nil`: it is plainly not there.
    let refusal: Int?
  }

  /// How many files of a component are named, and how many of them absent.
  struct Tally: Hashable {
    var named = 0
    var absent = 0
    /// How many of the absent ones were not reported yet.
    var new = 0
  }

  /// How many indexes and files are named.
  var named = 0
  /// The absent indexes.
  var indexes: [MissingIndex] = []
  /// How many files are absent.
  var files = 0
  /// How many of them a server refused that gives others.
  var refused = 0
  /// The files that are absent and that were not reported yet, with what is known of them.
  var newFiles: [TreePath: KnownFile] = [:]
  /// The tally of each component; a file's are those of its index where the index names none for it.
  var components: [String: Tally] = [:]

  /// The components of the indexes.
  private var owners: [TreePath: [String]] = [:]

  /// How many indexes and files are absent.
  var absent: Int { indexes.count + files }
}

extension AbsenceCensus {
  /// Takes what a walk shows once its indexes are here, and before any of its files is fetched.
  init(indexesOf walk: TreeWalk, _ answers: IndexAnswers) {
    for path in walk.indexes {
      let facts = walk.indexFacts[path]
      let inherited = facts.flatMap { owners[$0.namedBy] } ?? []
      owners[path] = facts.map { $0.components.isEmpty ? inherited : $0.components } ?? []
      named += 1
      guard answers[path]?.object == nil, let facts else { continue }
      let refusal = answers[path]?.index.absence?.refusal
      indexes.append(
        MissingIndex(
          path: path.string,
          components: owners[path] ?? [],
          namedBy: facts.namedBy.string,
          refusal: refusal
        )
      )
      if refusal != nil { refused += 1 }
    }
  }

  /// Takes all of it, after a walk whose news are saved.
  init(of walk: TreeWalk, _ memory: FileMemory, _ answers: IndexAnswers) throws {
    self.init(indexesOf: walk, answers)
    let owners = owners
    func components(of file: IndexWalk.NamedFile) -> [String] {
      file.components.isEmpty ? owners[file.namedBy] ?? [] : file.components
    }
    for (path, file) in walk.named where !walk.isIndex(path) {
      named += 1
      for name in components(of: file) { self.components[name, default: Tally()].named += 1 }
    }
    try memory.forEachAbsent { path, known in
      guard let file = walk.named[path], !walk.isIndex(path), let absence = known.absence else { return }
      files += 1
      if absence.refusal != nil { refused += 1 }
      if !absence.isReported { newFiles[path] = known }
      for name in components(of: file) {
        self.components[name]?.absent += 1
        if !absence.isReported { self.components[name]?.new += 1 }
      }
    }
  }

  /// The new absent files as they are remembered once a snapshot is sealed without them.
  var reported: [TreePath: KnownFile] {
    newFiles.mapValues { known in
      var known = known
      known.absence?.isReported = true
      return known
    }
  }
}
