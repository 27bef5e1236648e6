import MirrorTypes
import NIOCore
import NIOHTTP1

/// Answers a GET or HEAD of one file: conditions, ranges and codings (RFC 9110, sections 8, 13 and 14).
struct FileAnswer {
  /// The most ranges of one request; a request for more gets the whole file.
  static let maximumRanges = 64
  /// Files of these sizes are packed where the client takes it: a small one gains nothing, a large one takes too long.
  static let packedSizes: ClosedRange<Int64> = 512...(8 << 20)

  let file: WebFile
  let request: HTTPRequestHead
  /// The present.
  let now: UTCTime

  private var isHead: Bool { request.method == .HEAD }

  /// The answer.
  func answer() -> Answer {
    let type = ContentType(path: file.path)
    let conditions = Conditions(request.headers, now: now)
    // A range is of the file as it is.
    let hasRange = !isHead && request.headers.contains(name: "range")
    let isPackable = type.isText && Self.packedSizes.contains(file.size)
    let coding = isPackable && !hasRange ? coding(conditions) : nil
    let tag = tag(coding)
    let validators = Conditions.Validators(tag: tag, changed: file.changed)
    var headers = HTTPHeaders()
    headers.reserveCapacity(12)
    headers.add(name: "ETag", value: "\"\(tag)\"")
    headers.add(name: "Cache-Control", value: cacheControl)
    if isPackable { headers.add(name: "Vary", value: "Accept-Encoding") }
    switch conditions.evaluate(validators) {
    case .notModified: return Answer(status: .notModified, headers: headers, body: .none)
    case .failed: return .text(.preconditionFailed, "the file has changed", isHead: isHead)
    case .proceed: break
    }
    headers.add(name: "Last-Modified", value: HTTPDate.text(min(file.changed, now)))
    if let coding {
      headers.add(name: "Content-Type", value: type.name)
      headers.add(name: "Content-Encoding", value: coding.rawValue)
      return Answer(status: .ok, headers: headers, body: .packed(file, coding))
    }
    headers.add(name: "Accept-Ranges", value: "bytes")
    if hasRange, conditions.admitsRange(validators) {
      let field = request.headers["range"].joined(separator: ",")
      switch ByteRanges(field, size: file.size, atMost: Self.maximumRanges) {
      case .whole: break
      case .unsatisfiable:
        headers.add(name: "Content-Range", value: "bytes */\(file.size)")
        headers.add(name: "Content-Length", value: "0")
        return Answer(status: .rangeNotSatisfiable, headers: headers, body: .none)
      case .parts(let parts): return partial(parts, type, headers)
      }
    }
    headers.add(name: "Content-Type", value: type.name)
    headers.add(name: "Content-Length", value: "\(file.size)")
    return Answer(status: .ok, headers: headers, body: isHead ? .none : .file(file, [.stretch(0..<file.size)]))
  }

  private func partial(_ parts: [Range<Int64>], _ type: ContentType, _ fields: HTTPHeaders) -> Answer {
    var headers = fields
    if parts.count == 1 {
      headers.add(name: "Content-Type", value: type.name)
      headers.add(name: "Content-Range", value: contentRange(parts[0]))
      headers.add(name: "Content-Length", value: "\(parts[0].upperBound - parts[0].lowerBound)")
      return Answer(status: .partialContent, headers: headers, body: .file(file, [.stretch(parts[0])]))
    }
    // Long enough that no file has it by chance; made anew, so that no file has it on purpose.
    let boundary = (0..<2).map { _ in String(UInt64.random(in: (1 << 60)...UInt64.max), radix: 16) }.joined()
    var pieces: [Answer.Piece] = []
    for (position, part) in parts.enumerated() {
      let opening = "\(position == 0 ? "" : "\r\n")--\(boundary)\r\nContent-Type: \(type.name)\r\n"
      pieces.append(.bytes(ByteBuffer(string: opening + "Content-Range: \(contentRange(part))\r\n\r\n")))
      pieces.append(.stretch(part))
    }
    pieces.append(.bytes(ByteBuffer(string: "\r\n--\(boundary)--\r\n")))
    headers.add(name: "Content-Type", value: "multipart/byteranges; boundary=\(boundary)")
    headers.add(name: "Content-Length", value: "\(pieces.totalBytes { $0.count })")
    return Answer(status: .partialContent, headers: headers, body: .file(file, pieces))
  }

  private func contentRange(_ part: Range<Int64>) -> String {
    "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(file.size)"
  }

  /// A proxy has to ask each time, so that it never hands out a file of the last release beside one of this; with an
  /// entity tag that costs little.
  private var cacheControl: String {
    switch file.freshness {
    case .mayChange: "no-cache"
    case .forever: "max-age=31536000, immutable"
    }
  }

  /// Each coding is a representation of its own, with a strong tag of its own.
  private func tag(_ coding: ContentCoding?) -> String {
    let hex = file.digest.hex
    return coding.map { "\(hex)-\($0.rawValue)" } ?? hex
  }

  /// The coding to answer in: the best that the client takes, unless it has the file already in another form that it
  /// takes as well; `nil`: as it is.
  private func coding(_ conditions: Conditions) -> ContentCoding? {
    let accepted = ContentCoding.accepted(by: request.headers)
    guard let best = accepted.first else { return nil }
    if let known = conditions.noneMatch, !known.isAny {
      if let coding = accepted.first(where: { known.hasWeakly(tag($0)) }) { return coding }
      if known.hasWeakly(tag(nil)) { return nil }
    }
    return best
  }
}
