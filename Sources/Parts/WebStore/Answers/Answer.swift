import NIOCore
import NIOHTTP1

/// What a request is answered with, before any file is opened.
struct Answer: Sendable {
  /// What follows the fields.
  enum Body: Sendable {
    /// Nothing.
    case none
    /// These bytes.
    case bytes(ByteBuffer)
    /// Parts of a file.
    case file(WebFile, [Piece])
    /// A whole file, packed.
    case packed(WebFile, ContentCoding)
  }

  /// A part of a body.
  enum Piece: Sendable, Equatable {
    /// These bytes.
    case bytes(ByteBuffer)
    /// A stretch of the file.
    case stretch(Range<Int64>)

    /// How many bytes it has.
    var count: Int64 {
      switch self {
      case .bytes(let buffer): Int64(buffer.readableBytes)
      case .stretch(let range): range.upperBound - range.lowerBound
      }
    }
  }

  var status: HTTPResponseStatus
  var headers: HTTPHeaders
  var body: Body
}

/// An answer, or the way to one that has to wait for a disk.
enum Answering: Sendable {
  case now(Answer)
  /// To be called on a thread that may wait.
  case onDisk(@Sendable () -> Answer)
}

extension Answer {
  /// An answer in a line of text.
  ///
  /// - Parameter isHead: whether only its fields are sent.
  static func text(
    _ status: HTTPResponseStatus,
    _ text: String,
    _ fields: [(String, String)] = [],
    isHead: Bool
  ) -> Answer {
    made(status, "text/plain; charset=utf-8", ByteBuffer(string: text + "\n"), fields, isHead: isHead)
  }

  /// An answer whose bytes are made for it.
  static func made(
    _ status: HTTPResponseStatus,
    _ type: String,
    _ bytes: ByteBuffer,
    _ fields: [(String, String)] = [],
    isHead: Bool
  ) -> Answer {
    var headers = HTTPHeaders(fields)
    headers.add(name: "Content-Type", value: type)
    headers.add(name: "Content-Length", value: "\(bytes.readableBytes)")
    return Answer(status: status, headers: headers, body: isHead ? .none : .bytes(bytes))
  }
}
