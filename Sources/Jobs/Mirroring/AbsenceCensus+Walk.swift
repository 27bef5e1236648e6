import Catalogue
import JobCore
import MirrorTypes
import SyncRules
import UpdateIndex

extension AbsenceCensus {
  /// Takes what a walk shows once its indexes are here, and before any of its files is fetched.
  init(indexesOf walk: TreeWalk, _ answers: IndexAnswers) {
    self.init()
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
}
