import MirrorTypes
import TestSupport
import UpdateIndex

extension RealTree {
  /// What a walk finds.
  struct Walked {
    var indexes: Set<String> = []
    var absentIndexes: Set<String> = []
    /// The indexes that others carry, byte by byte as they lie beside them.
    var carried: Set<String> = []
    var files: [String: IndexWalk.NamedFile] = [:]
    var drift = DriftReport()
  }

  /// Walks from the primary indexes over what there is.
  func walk(from primaries: [String], _ selection: Selection) throws -> Walked {
    var queue = try primaries.map { try TreePath($0) }
    var walk = IndexWalk(primaries: queue, selection: selection)
    var result = Walked()
    while !queue.isEmpty {
      let index = queue.removeFirst()
      guard let bytes = bytes(of: index.string) else {
        result.absentIndexes.insert(index.string)
        continue
      }
      let step = try walk.take(bytes, of: index)
      result.indexes.insert(index.string)
      queue += step.indexes.map(\.path)
      for carried in step.carried {
        if self.bytes(of: carried.file.path.string) == carried.bytes { result.carried.insert(carried.file.path.string) }
        if !result.indexes.contains(carried.file.path.string), !queue.contains(carried.file.path) {
          queue.append(carried.file.path)
        }
      }
      for file in step.files { result.files[file.path.string] = file }
    }
    result.drift = walk.drift
    return result
  }
}
