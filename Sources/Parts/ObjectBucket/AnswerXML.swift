import CLibexpat
import Glibc
import MirrorTypes

/// A bucket's XML, flat and bounded: no document type, no deep nesting, no long text.
enum AnswerXML {
  /// The most bytes of one text.
  private static let longestText = 4096
  private static let greatestDepth = 8
  private static let mostElements = 100_000

  /// Tells the end of each element: the names from the root to it, and its own text.
  ///
  /// - Returns: why it is no such document; `nil` when all was well.
  static func scan(_ bytes: [UInt8], _ end: ([String], String) -> String?) -> String? {
    guard bytes.count <= Int32.max, let parser = XML_ParserCreate(nil) else { return "it is too long" }
    defer { XML_ParserFree(parser) }
    return withoutActuallyEscaping(end) { end in
      let scan = Scan(parser, end)
      let isWell = withExtendedLifetime(scan) {
        XML_SetUserData(parser, Unmanaged.passUnretained(scan).toOpaque())
        setHandlers(parser)
        return bytes.withUnsafeBytes {
          XML_Parse(parser, $0.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count), 1)
            == XML_STATUS_OK
        }
      }
      if let problem = scan.problem { return problem }
      return isWell ? nil : "it is not well-formed XML (line \(XML_GetCurrentLineNumber(parser)))"
    }
  }

  private static func setHandlers(_ parser: XML_Parser) {
    XML_SetElementHandler(
      parser,
      { data, name, _ in Scan.from(data)?.start(name) },
      { data, _ in Scan.from(data)?.end() }
    )
    XML_SetCharacterDataHandler(parser) { data, text, count in Scan.from(data)?.text(text, Int(count)) }
    XML_SetStartDoctypeDeclHandler(parser) { data, _, _, _, _ in Scan.from(data)?.stop("it has a document type") }
  }

  /// What the C callbacks work on: lives as long as one scan, on one thread.
  private final class Scan {
    private let parser: XML_Parser
    private let tell: ([String], String) -> String?
    private var names: [String] = []
    private var texts: [[UInt8]] = []
    private var elements = 0
    private(set) var problem: String?

    init(_ parser: XML_Parser, _ tell: @escaping ([String], String) -> String?) {
      self.parser = parser
      self.tell = tell
    }

    static func from(_ data: UnsafeMutableRawPointer?) -> Scan? {
      data.map { Unmanaged<Scan>.fromOpaque($0).takeUnretainedValue() }
    }

    func stop(_ why: String) {
      if problem == nil { problem = why }
      XML_StopParser(parser, 0)
    }

    func start(_ name: UnsafePointer<CChar>?) {
      guard problem == nil, let name else { return }
      elements += 1
      guard names.count < AnswerXML.greatestDepth else { return stop("it is nested too deeply") }
      guard elements <= AnswerXML.mostElements else { return stop("it has too many elements") }
      guard strlen(name) <= 256 else { return stop("a name in it is too long") }
      names.append(String(cString: name))
      texts.append([])
    }

    func text(_ text: UnsafePointer<CChar>?, _ count: Int) {
      guard problem == nil, let text, !texts.isEmpty else { return }
      let last = texts.count - 1
      guard texts[last].count + count <= AnswerXML.longestText else { return stop("a text in it is too long") }
      texts[last] += UnsafeRawBufferPointer(start: text, count: count)
    }

    func end() {
      guard problem == nil, let text = texts.popLast() else { return }
      if let why = tell(names, String(decoding: text, as: UTF8.self)) { stop(why) }
      names.removeLast()
    }
  }
}

/// One page of a listing (ListObjectsV2).
struct ListingPage {
  /// What a key holds.
  struct Item: Equatable {
    let key: String
    let size: Int64
  }

  var items: [Item] = []
  var next: String?

  /// The most keys of one page: stores give 1000.
  static let mostKeys = 10_000

  /// Reads a page.
  ///
  /// - Throws: ``BucketError/malformed(key:_:)``
  init(reading bytes: [UInt8], prefix: String) throws(BucketError) {
    var items: [Item] = []
    var key: String?
    var size: Int64?
    var next: String?
    var isTruncated: Bool?
    let problem = AnswerXML.scan(bytes) { names, text in
      switch names.dropFirst().joined(separator: "/") {
      case "Contents/Key": key = text
      case "Contents/Size": size = Int64(text)
      case "Contents":
        guard let found = key, found.hasBytePrefix(prefix), let count = size.flatMap(ByteCount.ofFile) else {
          return "an entry has no key, no size, or a key that was not asked for"
        }
        items.append(Item(key: found, size: count))
        (key, size) = (nil, nil)
        if items.count > Self.mostKeys { return "a page has too many keys" }
      case "IsTruncated": isTruncated = text == "true"
      case "NextContinuationToken": next = text
      case "": return names.first == "ListBucketResult" ? nil : "it is not a listing"
      default: break
      }
      return nil
    }
    if let problem { throw .malformed(key: prefix, problem) }
    guard let isTruncated, !isTruncated || next?.isEmpty == false else {
      throw .malformed(key: prefix, "a listing does not say whether there is more")
    }
    self.items = items
    self.next = isTruncated ? next : nil
  }
}

/// What a store says about an error.
enum ErrorAnswer {
  /// The code, as `NoSuchBucket`; what is not a word becomes `no code`.
  static func code(_ bytes: [UInt8]) -> String {
    var code = ""
    _ = AnswerXML.scan(bytes) { names, text in
      if names == ["Error", "Code"] { code = text }
      return nil
    }
    let isWord =
      (1...64).contains(code.utf8.count) && code.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "<") }
    return isWord ? code : "no code"
  }
}
