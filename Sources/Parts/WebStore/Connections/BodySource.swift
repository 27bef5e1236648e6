import NIOCore

/// Hands out a body, piece by piece.
struct BodySource {
  /// The next thing to send.
  enum Chunk {
    case bytes(ByteBuffer)
    /// A stretch of the file.
    case stretch(Range<Int64>)
  }

  /// The file that stretches are of.
  let file: OpenFile?
  private var pieces: ArraySlice<Answer.Piece>
  private let size: Int64

  /// - Parameter size: the most bytes of a stretch at once.
  init(file: OpenFile?, pieces: [Answer.Piece], size: Int64) {
    self.file = file
    // An empty piece would be an empty frame behind the head.
    self.pieces =
      pieces.filter {
        switch $0 {
        case .bytes(let buffer): buffer.readableBytes > 0
        case .stretch(let range): !range.isEmpty
        }
      }[...]
    self.size = size
  }

  /// Whether nothing is left to send.
  var isAtEnd: Bool { pieces.isEmpty }

  /// Takes the next thing to send; `nil` at the end.
  mutating func next() -> Chunk? {
    switch pieces.popFirst() {
    case .bytes(let buffer): return .bytes(buffer)
    case .stretch(let range):
      let end = min(range.upperBound, range.lowerBound + size)
      if end < range.upperBound { pieces = [.stretch(end..<range.upperBound)] + pieces }
      return .stretch(range.lowerBound..<end)
    case nil: return nil
    }
  }
}
