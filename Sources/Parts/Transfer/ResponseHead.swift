import MirrorTypes

/// What the head of an answer says, as far as it matters for a transfer. Header lines are taken as they come; nothing is
/// kept of others.
struct ResponseHead {
  /// The three digits of the status line; 0 before it has come.
  private(set) var status = 0
  private(set) var isHTTP2 = false
  private(set) var contentLength: Int64?
  private(set) var contentRange: ContentRange?
  private(set) var hasContentRange = false
  private var etag: HeaderValue?
  private var lastModified: HeaderValue?
  private(set) var contentEncoding: String?
  /// Whether the answer calls itself a web page.
  private(set) var isCalledPage = false
  private(set) var retryAfter: Duration?
  /// Whether the empty line has come. What comes after it are trailers.
  private(set) var isComplete = false
  private var size = 0

  /// The coding that was put on a file's bytes on the way; `nil` where there is none, or where it is the form of the file
  /// itself: some servers say `gzip` of a file that is called `.gz`.
  ///
  /// - Parameter path: the file's path or address.
  func foreignEncoding(of path: String) -> String? {
    guard let coding = contentEncoding else { return nil }
    let endings: [String: [String]] = [
      "gzip": [".gz", ".tgz"], "x-gzip": [".gz", ".tgz"], "compress": [".Z"], "x-compress": [".Z"], "br": [".br"],
      "zstd": [".zst"], "bzip2": [".bz2"], "x-bzip2": [".bz2"], "xz": [".xz"],
    ]
    return endings[coding.lowercased()]?.contains { path.utf8.suffix($0.utf8.count).elementsEqual($0.utf8) } == true
      ? nil : coding
  }

  /// What the answer can be asked for again by.
  var validators: Validators { Validators(etag: etag?.text, lastModified: lastModified?.text) }

  /// The most bytes that the heads of one answer may have, those of interim answers included.
  static let maximumSize = 256 * 1024

  /// `bytes first-last/total` (RFC 9110, section 14.4).
  struct ContentRange: Equatable {
    /// The first and the last byte sent; `nil` in an answer that no such range exists.
    var bounds: ClosedRange<Int64>?
    var total: Int64?

    init?(_ text: String) {
      let parts = text.split(separator: " ", omittingEmptySubsequences: true)
      guard parts.count == 2, parts[0].lowercased() == "bytes" else { return nil }
      let halves = parts[1].byteParts(keepingEmpty: true)
      guard halves.count == 2 else { return nil }
      if halves[1] != "*" {
        guard let total = ResponseHead.number(halves[1]) else { return nil }
        self.total = total
      }
      if halves[0] == "*" { return }
      let ends = halves[0].split(separator: "-", omittingEmptySubsequences: false)
      guard ends.count == 2, let first = ResponseHead.number(ends[0]), let last = ResponseHead.number(ends[1]),
        first <= last, last < total ?? .max
      else { return nil }
      bounds = first...last
    }
  }

  /// A line of the head, with its line break.
  enum Line {
    case more
    /// The head is complete.
    case end
    case tooLong
  }

  mutating func take(_ line: UnsafeRawBufferPointer) -> Line {
    size += line.count
    if size > Self.maximumSize { return .tooLong }
    if line.starts(with: "HTTP/".utf8) {
      self = ResponseHead(statusLine: line, size: size)
      return .more
    }
    if isComplete { return .more }
    guard let first = line.first, first != UInt8(ascii: "\r"), first != UInt8(ascii: "\n") else {
      isComplete = true
      return .end
    }
    // Most headers are distinguished by their first letter.
    switch first | 0x20 {
    case UInt8(ascii: "c"), UInt8(ascii: "e"), UInt8(ascii: "l"), UInt8(ascii: "r"): takeField(line)
    default: break
    }
    return .more
  }

  init() {}

  private init(statusLine line: UnsafeRawBufferPointer, size: Int) {
    self.size = size
    let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: true)
    isHTTP2 = parts[0].dropFirst(5).first.map { $0 >= UInt8(ascii: "2") } ?? false
    guard parts.count >= 2 else { return }
    for byte in parts[1].prefix(3) where (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      status = status * 10 + Int(byte - UInt8(ascii: "0"))
    }
  }

  private mutating func takeField(_ line: UnsafeRawBufferPointer) {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
    let name = line[..<colon]
    var value: HeaderValue? { HeaderValue(line[(colon + 1)...]) }
    switch name.count {
    case 4 where Self.matches(name, "etag"): etag = value
    case 11 where Self.matches(name, "retry-after"): retryAfter = value.flatMap { RetryAfter.delay($0.text) }
    case 13 where Self.matches(name, "last-modified"): lastModified = value
    case 12 where Self.matches(name, "content-type"):
      let type = value?.text.lowercased() ?? ""
      isCalledPage = type.hasPrefix("text/html") || type.hasPrefix("application/xhtml")
    case 13 where Self.matches(name, "content-range"):
      hasContentRange = true
      contentRange = value.flatMap { ContentRange($0.text) }
    case 14 where Self.matches(name, "content-length"): contentLength = value.flatMap { Self.number($0.text[...]) }
    case 16 where Self.matches(name, "content-encoding"):
      // Any coding is one that was not asked for, also one whose name cannot be shown.
      let coding = value?.text ?? "unknown"
      if coding.lowercased() != "identity" { contentEncoding = coding }
    default: break
    }
  }

  private static func matches(_ name: Slice<UnsafeRawBufferPointer>, _ wanted: StaticString) -> Bool {
    wanted.withUTF8Buffer { letters in
      zip(name, letters).allSatisfy { byte, letter in
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 == letter : byte == letter
      }
    }
  }

  /// Digits only: no sign, nothing that overflows; more than there can be is ``ByteCount/beyond``.
  fileprivate static func number(_ text: Substring) -> Int64? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    return Int64(text).map { ByteCount(clamping: $0).value }
  }
}
