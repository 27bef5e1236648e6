import CLibexpat
import Glibc

/// Reads XML by expat and hands out its elements. Document types and entities are refused, and everything is bounded.
struct XMLScanner {
  /// What goes wrong.
  enum Failure: Error {
    case notWellFormed(String, line: Int)
    case documentType(line: Int)
    case tooDeep(limit: Int, line: Int)
    case tooManyAttributes(limit: Int, line: Int)
    /// What a handler threw.
    case handler(any Error)
  }

  /// An element's start, valid only while the handler runs.
  struct Element {
    let name: String
    /// Names and values by turns, ended by a null pointer: expat's own form.
    fileprivate let attributes: UnsafeMutablePointer<UnsafePointer<CChar>?>?
    /// How many elements it stands in.
    let depth: Int
    let line: Int

    /// Calls `body` with each attribute's name and value.
    func forEachAttribute(_ body: (String, UnsafeBufferPointer<UInt8>) throws -> Void) rethrows {
      guard var position = attributes else { return }
      while let name = position[0], let value = position[1] {
        let count = strlen(value)
        try value.withMemoryRebound(to: UInt8.self, capacity: count) {
          try body(String(cString: name), UnsafeBufferPointer(start: $0, count: count))
        }
        position += 2
      }
    }
  }

  /// What is done with what is found.
  protocol Handler: AnyObject {
    func start(_ element: Element) throws
    func text(_ bytes: UnsafeBufferPointer<UInt8>) throws
    func end(_ name: String) throws
  }

  let maximumDepth: Int
  let maximumAttributes: Int

  /// Scans a document to its end.
  func scan(_ bytes: UnsafeBufferPointer<UInt8>, _ handler: any Handler) throws(Failure) {
    guard let parser = XML_ParserCreate(nil) else { throw .notWellFormed("out of memory", line: 0) }
    defer { XML_ParserFree(parser) }
    let context = Context(handler, parser, maximumDepth: maximumDepth, maximumAttributes: maximumAttributes)
    let outcome = withExtendedLifetime(context) {
      XML_SetUserData(parser, Unmanaged.passUnretained(context).toOpaque())
      Self.setHandlers(parser)
      return parse(bytes, by: parser)
    }
    if let failure = context.failure { throw failure }
    guard outcome else {
      let reason = XML_ErrorString(XML_GetErrorCode(parser)).map { String(cString: $0) } ?? "unknown error"
      throw .notWellFormed(reason, line: Int(XML_GetCurrentLineNumber(parser)))
    }
  }

  /// Feeds the parser in portions: expat counts in 32-bit integers.
  private func parse(_ bytes: UnsafeBufferPointer<UInt8>, by parser: XML_Parser) -> Bool {
    let portion = 1 << 24
    var offset = 0
    repeat {
      let count = min(portion, bytes.count - offset)
      let isLast: Int32 = offset + count == bytes.count ? 1 : 0
      let start = UnsafeRawPointer(bytes.baseAddress)?.advanced(by: offset).assumingMemoryBound(to: CChar.self)
      guard XML_Parse(parser, start, Int32(count), isLast) == XML_STATUS_OK else { return false }
      offset += count
    } while offset < bytes.count
    return true
  }

  private static func setHandlers(_ parser: XML_Parser) {
    XML_SetElementHandler(
      parser,
      { data, name, attributes in Context.from(data)?.start(name, attributes) },
      { data, name in Context.from(data)?.end(name) }
    )
    XML_SetCharacterDataHandler(parser) { data, text, count in Context.from(data)?.text(text, Int(count)) }
    XML_SetStartDoctypeDeclHandler(parser) { data, _, _, _, _ in Context.from(data)?.refuseDocumentType() }
    XML_SetUnknownEncodingHandler(parser, { _, name, info in Windows1252.fill(name, info) }, nil)
  }

  /// What the C callbacks work on: lives as long as one scan, on one thread.
  private final class Context {
    private let handler: any Handler
    private let parser: XML_Parser
    private let maximumDepth: Int
    private let maximumAttributes: Int
    private var depth = 0
    private(set) var failure: Failure?

    init(_ handler: any Handler, _ parser: XML_Parser, maximumDepth: Int, maximumAttributes: Int) {
      self.handler = handler
      self.parser = parser
      self.maximumDepth = maximumDepth
      self.maximumAttributes = maximumAttributes
    }

    static func from(_ data: UnsafeMutableRawPointer?) -> Context? {
      data.map { Unmanaged<Context>.fromOpaque($0).takeUnretainedValue() }
    }

    private var line: Int { Int(XML_GetCurrentLineNumber(parser)) }

    private func stop(_ failure: Failure) {
      if self.failure == nil { self.failure = failure }
      XML_StopParser(parser, 0)
    }

    func start(
      _ name: UnsafePointer<CChar>?,
      _ attributes: UnsafeMutablePointer<UnsafePointer<CChar>?>?
    ) {
      guard failure == nil, let name else { return }
      guard depth < maximumDepth else { return stop(.tooDeep(limit: maximumDepth, line: line)) }
      guard XML_GetSpecifiedAttributeCount(parser) <= 2 * maximumAttributes else {
        return stop(.tooManyAttributes(limit: maximumAttributes, line: line))
      }
      let element = Element(name: String(cString: name), attributes: attributes, depth: depth, line: line)
      depth += 1
      do { try handler.start(element) } catch { stop(.handler(error)) }
    }

    func text(_ text: UnsafePointer<CChar>?, _ count: Int) {
      guard failure == nil, let text else { return }
      do {
        try text.withMemoryRebound(to: UInt8.self, capacity: count) {
          try handler.text(UnsafeBufferPointer(start: $0, count: count))
        }
      } catch { stop(.handler(error)) }
    }

    func end(_ name: UnsafePointer<CChar>?) {
      guard failure == nil, let name else { return }
      depth -= 1
      do { try handler.end(String(cString: name)) } catch { stop(.handler(error)) }
    }

    func refuseDocumentType() { stop(.documentType(line: line)) }
  }
}

/// The one encoding that the vendor's product catalogue has and expat does not know.
private enum Windows1252 {
  /// What the bytes 0x80 to 0x9F stand for; -1 for those that stand for nothing.
  private static let upper: [Int32] = [
    0x20AC, -1, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, -1, 0x017D, -1,
    -1, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, -1, 0x017E,
    0x0178,
  ]

  static func fill(_ name: UnsafePointer<CChar>?, _ info: UnsafeMutablePointer<XML_Encoding>?) -> Int32 {
    guard let name, let info, String(cString: name).lowercased() == "windows-1252" else { return 0 }
    withUnsafeMutableBytes(of: &info.pointee.map) { raw in
      let map = raw.bindMemory(to: Int32.self)
      for byte in 0..<256 { map[byte] = (0x80..<0xA0).contains(byte) ? upper[byte - 0x80] : Int32(byte) }
    }
    info.pointee.convert = nil
    info.pointee.release = nil
    info.pointee.data = nil
    return 1
  }
}
