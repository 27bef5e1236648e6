import FileSystem
import JobCore
import MirrorTypes
import StoreTrust
import SyncRules
import Transfer
import UpdateIndex

extension UpdateTreeSync {
  /// Passes over those servers of a pool whose primary indexes are older than those of the last snapshot: servers of a pool
  /// may be a day apart, and another one has what is newer.
  ///
  /// - Returns: what the last sealed sync knew, to stay with, where all that answer are behind by so little that waiting is
  ///   right; else `nil`.
  /// - Throws: an error with ``ExitStatus/olderIndex`` where all that answer are behind by more.
  func memoryWhereAllAreBehind(_ visit: TreeVisit) async throws -> TreeMemory? {
    guard tree.servers.count > 1, !allowsOlder, let before = notesBefore?.primaries, !before.isEmpty else { return nil }
    let paths = visit.planned.plan.primaries
    var behind = ServersBehind()
    while true {
      do {
        _ = try await visit.answers.askAll(paths)
      } catch {
        // Nothing says that servers are down but those that were behind.
        guard !behind.isEmpty, JobError(error).isOfServers else { throw error }
        break
      }
      let older = try older(than: before, paths, visit.answers)
      guard !older.isEmpty else {
        if !behind.isEmpty { reporter.information("servers-behind", behind.passedOver(source: name)) }
        return nil
      }
      behind.add(older)
      for path in paths { visit.answers.distrust(path) }
      let isAnyLeft = Set(older.map(\.server)).map(fetcher.client.setAside).contains(true)
      if !isAnyLeft { break }
    }
    guard let memory = visit.memory, behind.mayWait, !recheck else { throw behind.error(source: name) }
    reporter.information("servers-behind", behind.waiting(source: name))
    return memory
  }

  /// The primary indexes that are older than those that were here before.
  private func older(
    than before: [String: UTCTime],
    _ paths: [TreePath],
    _ answers: IndexAnswers
  ) throws -> [ServersBehind.Index] {
    try paths.compactMap { path in
      guard let here = before[path.string], let answer = answers[path], let object = answer.object,
        let date = try date(of: object, at: path), date < here
      else { return nil }
      return ServersBehind.Index(server: answer.server, path: path.string, date: date, here: here)
    }
  }

  /// The date of an index; `nil` where it has none, or is none: that is for the walk to say.
  private func date(of object: ObjectDigest, at path: TreePath) throws -> UTCTime? {
    let bytes = try Files.read(fetcher.store.path(of: object), atMost: 64 << 20)
    return (try? IndexParser.parse(bytes, at: path))?.date?.time
  }

  /// Looks whether the servers that took over for another one in the middle of a walk have the same state: what they gave
  /// and no digest proves is asked for again where they do not, and they for nothing more.
  ///
  /// - Returns: the first of them that has another state, and the files that are to be asked for again.
  func strangersAmongServers(_ tree: WalkedTree, _ visit: TreeVisit) async -> (server: String, files: Set<TreePath>)? {
    guard self.tree.servers.count > 1 else { return nil }
    let primaries = tree.walk.primaries.filter { visit.answers[$0]?.index.carriedBy == nil }
    let leaders = Set(primaries.compactMap { visit.answers[$0]?.server })
    for (server, files) in tree.walk.unproven.sorted(by: { $0.key < $1.key }) where !leaders.contains(server) {
      guard await !hasSameState(server, primaries, visit.answers), fetcher.client.setAside(server: server) else {
        continue
      }
      return (server, files)
    }
    return nil
  }

  /// Whether a server has the primary indexes of a walk, byte for byte.
  private func hasSameState(_ server: String, _ primaries: [TreePath], _ answers: IndexAnswers) async -> Bool {
    for path in primaries {
      guard let expected = answers[path]?.object else { continue }
      let limit = 64 << 20
      let sink = MemorySink(limit: limit)
      let address = server + (server.utf8.last == UInt8(ascii: "/") ? "" : "/") + PercentEncoding.encoded(path.string)
      let request = TransferRequest(.url(address), into: sink, maximumBytes: Int64(limit))
      guard (try? await fetcher.client.fetch(request)) != nil, ObjectDigest.sha256(of: sink.bytes) == expected else {
        return false
      }
    }
    return true
  }
}
