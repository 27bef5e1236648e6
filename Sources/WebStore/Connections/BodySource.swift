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
    self.pieces = pieces[...]
    self.size = size
  }

  /// Whether nothing is left to send.
  var isAtEnd: Bool {
    pieces.allSatisfy { piece in
      guard case .stretch(let range) = piece else { return false }
      return range.isEmpty
    }
  }

  /// Takes the next thing to send; `nil` at the end.
  mutating func next() -> Chunk? {
    while let piece = pieces.popFirst() {
      switch piece {
      case .bytes(let buffer): return .bytes(buffer)
      case .stretch(let range):
        let end = min(range.upperBound, range.lowerBound + size)
        if end < range.upperBound { pieces = [.stretch(end..<range.upperBound)] + pieces }
        if end > range.lowerBound { return .stretch(range.lowerBound..<end) }
      }
    }
    return nil
  }
}
