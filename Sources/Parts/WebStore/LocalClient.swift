import FileSystem
import MirrorTypes
import NIOCore
import NIOHTTP1
import SystemPackage

/// Asks for files as a client of HTTP does, through the code that answers them on a connection, but without one.
package struct LocalClient: Sendable {
  /// What came.
  package struct Outcome: Hashable, Sendable {
    /// The status of the answer.
    package let status: Int
    /// The entity tag, without its quotes; empty where there is none.
    package let tag: String
    /// How many bytes the body has.
    package let count: Int64
  }

  /// An answer that is not what its own fields say.
  package struct Defect: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    package let description: String
  }

  private let site: Site
  /// The most bytes that are read at once.
  private static let pieceSize: Int64 = 256 << 10

  /// A client of what `content` has.
  package init(_ content: any WebContent) { site = Site(content: content, metrics: Metrics()) }

  /// Gets a path below the root.
  ///
  /// - Parameter body: takes the body, piece by piece, of an answer whose status is 200.
  /// - Throws: ``FileError`` when a file cannot be read; ``Defect``; what `body` throws.
  package func get(_ path: String, body: (UnsafeRawBufferPointer) throws -> Void) throws -> Outcome {
    let request = HTTPRequestHead(
      version: .http1_1,
      method: .GET,
      uri: LinkPath.encoded(path),
      headers: ["Host": "localhost"]
    )
    let answer: Answer =
      switch site.answer(request, now: Serving.now) {
      case .now(let answer): answer
      case .onDisk(let look): look()
      }
    let status = Int(answer.status.code)
    var count: Int64 = 0
    if status == 200 {
      try read(answer.body) {
        count += Int64($0.count); try body($0)
      }
    }
    let told = answer.headers.first(name: "content-length")
    guard status != 200 || told == "\(count)" else {
      throw Defect(description: "it has \(Words.exactBytes(count)), and its fields say \(told ?? "nothing")")
    }
    let tag = answer.headers.first(name: "etag") ?? ""
    return Outcome(status: status, tag: tag.filter { $0 != "\"" }, count: count)
  }

  private func read(_ body: Answer.Body, _ take: (UnsafeRawBufferPointer) throws -> Void) throws {
    switch body {
    case .none: break
    case .bytes(let buffer): try buffer.withUnsafeReadableBytes(take)
    case .packed: throw Defect(description: "it came compressed, which was not asked for")
    case .file(let file, let pieces):
      switch file.bytes {
      case .inMemory(let bytes): try bytes.withUnsafeBytes(take)
      case .at(let place):
        var source = BodySource(file: try OpenFile(place, size: file.size), pieces: pieces, size: Self.pieceSize)
        while let chunk = source.next() {
          switch chunk {
          case .bytes(let buffer): try buffer.withUnsafeReadableBytes(take)
          case .stretch(let range): try source.file?.read(range).withUnsafeReadableBytes(take)
          }
        }
      }
    }
  }
}
