import Curl
import MirrorTypes
import Transfer

/// What a server says when it is asked for a name that no tree has.
enum AnswerToNothing: Sendable {
  /// That there is nothing, as it should.
  case absent
  /// These bytes, as if there were such a file.
  case body([UInt8])
  /// A web page, or more bytes than are looked at.
  case other
}

extension Fetcher {
  /// A name that no tree has.
  private static let noName = "kscmirror-asks-for-no-such-file"
  /// The most bytes of an answer to be looked at.
  private static let longestNothing = 64 << 10

  /// A path that no tree has, with the folder and the ending of a file's.
  static func nothing(like path: TreePath) throws -> TreePath {
    let name = path.name
    let ending = name.utf8.lastIndex(of: UInt8(ascii: ".")).map { String(name[$0...]) } ?? ""
    return try path.folder.map { try $0.appending(TreePath(noName + ending)) } ?? TreePath(noName + ending)
  }

  /// Asks for a path that no tree has.
  ///
  /// - Throws: an error where nothing can be asked; what a server refuses is absent.
  func askForNothing(_ path: TreePath) async throws -> AnswerToNothing {
    let sink = MemorySink(limit: Self.longestNothing)
    let request = TransferRequest(
      .path(path.string),
      into: sink,
      maximumBytes: Int64(Self.longestNothing),
      takesPages: true
    )
    do {
      _ = try await client.fetch(request)
      return .body(sink.bytes)
    } catch {
      if case .cancelled = error.reason { throw error }
      if case .tooLarge = error.reason { return .other }
      if case .packed = error.reason { return .other }
      return .absent
    }
  }
}
