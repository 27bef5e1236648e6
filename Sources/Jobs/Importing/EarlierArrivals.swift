import Catalogue
import ContentStore
import MirrorTypes

/// By which bundle, and when, the files of the newest snapshot came here: a file that comes again with the same bytes has
/// arrived when it came first, and the catalogue keeps it once.
struct EarlierArrivals {
  private struct Arrival {
    let object: ObjectDigest
    let origin: String?
    let time: UTCTime
  }

  private var arrivals: [TreePath: Arrival] = [:]

  /// Reads them from a store: names and digests, and no bytes of files.
  init(in store: ContentStore) throws {
    guard let newest = try store.newestWhole() else { return }
    try store.forEachFile(in: newest.number) { file in
      arrivals[file.path] = Arrival(object: file.object, origin: file.origin, time: file.fetched)
    }
  }

  /// Gives a file the arrival of the one that has its path and its bytes already.
  func keep(in file: inout SnapshotFile) {
    guard let arrival = arrivals[file.path], arrival.object == file.object else { return }
    file.origin = arrival.origin
    file.fetched = arrival.time
  }
}
