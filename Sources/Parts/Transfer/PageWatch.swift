import Curl
import MirrorTypes

/// Looks at the first bytes of a body for a web page that came in place of a file.
///
/// Gateways, filters and sign-in pages answer with status 200 and a page of their own. It is recognised by its markup,
/// or by text that the answer itself calls a page; bytes that are no text are a file, whatever the answer calls them.
package struct PageWatch {
  private var head: [UInt8] = []
  private let isDeclared: Bool
  /// Whether there is anything left to look for.
  private(set) var isOpen: Bool

  /// The most bytes that are looked at.
  package static let longest = 2048
  /// The most characters of a page's title.
  private static let longestTitle = 80
  /// What pages are called: a file of such a name may be one.
  private static let pageNames: Set<String> = [
    "htm", "html", "xhtml", "shtml", "hta", "mht", "mhtml",
  ]
  /// What a page begins with, behind blanks and comments.
  private static let beginnings = [
    "<!doctype html", "<html", "<head", "<body", "<title", "<meta", "<script", "<style", "<iframe",
  ]

  /// A watch that looks for nothing.
  static let off = PageWatch(isDeclared: false, isOpen: false)

  private init(isDeclared: Bool, isOpen: Bool) {
    self.isDeclared = isDeclared
    self.isOpen = isOpen
  }

  /// A watch over an answer that calls itself a page, or does not.
  init(isDeclared: Bool) { self.init(isDeclared: isDeclared, isOpen: true) }

  /// Whether the first bytes of a file are those of a web page, by their markup.
  package static func isPage(_ bytes: some Sequence<UInt8>) -> Bool {
    guard let text = text(Array(bytes.prefix(longest))) else { return false }
    return isPage(text, isDeclared: false)
  }

  /// Whether a file of this name may be a page: the last part of a path or an address.
  static func isNamedAsPage(_ path: String) -> Bool {
    let whole = path.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
    guard let name = whole.split(separator: UInt8(ascii: "/")).last, let dot = name.lastIndex(of: UInt8(ascii: "."))
    else { return false }
    return pageNames.contains(String(decoding: name[name.index(after: dot)...], as: UTF8.self).lowercased())
  }

  /// Takes the next bytes of the body. What was found is in the result; `nil` as long as nothing was.
  mutating func take(_ bytes: UnsafeRawBufferPointer) -> TransferError.Reason? {
    guard isOpen else { return nil }
    if head.isEmpty, !isDeclared, let first = bytes.first, !Self.mayBegin(first) {
      isOpen = false
      return nil
    }
    head += bytes.prefix(Self.longest - head.count)
    return head.count >= Self.longest ? end() : nil
  }

  /// Judges what has come, when nothing more comes.
  mutating func end() -> TransferError.Reason? {
    guard isOpen else { return nil }
    isOpen = false
    defer { head = [] }
    guard let text = Self.text(head), Self.isPage(text, isDeclared: isDeclared) else { return nil }
    return .page(title: Self.title(text))
  }

  /// Whether a page may begin with a byte: a blank, `<`, or the first of a byte order mark.
  private static func mayBegin(_ byte: UInt8) -> Bool {
    byte <= 0x20 || byte == UInt8(ascii: "<") || byte == 0xEF || byte == 0xFE || byte == 0xFF
  }

  /// The bytes as text in small letters; `nil` when they are no text. Of 16 bits each, every second byte is zero.
  private static func text(_ bytes: [UInt8]) -> [UInt8]? {
    var rest = bytes[...]
    if rest.starts(with: [0xEF, 0xBB, 0xBF]) {
      rest = rest.dropFirst(3)
    } else if rest.starts(with: [0xFE, 0xFF]) || rest.starts(with: [0xFF, 0xFE]) {
      rest = rest.dropFirst(2).filter { $0 != 0 }[...]
    }
    let isText = rest.allSatisfy { $0 >= 0x20 && $0 != 0x7F || (0x09...0x0D).contains($0) || $0 == 0x1B }
    return isText && !rest.isEmpty ? Array(rest) : nil
  }

  private static func isPage(_ text: [UInt8], isDeclared: Bool) -> Bool {
    let (start, isXML) = start(of: text)
    let rest = text[start...].prefix(40).map { (65...90).contains($0) ? $0 | 0x20 : $0 }
    let begins = beginnings.prefix(isXML ? 2 : beginnings.count).contains { beginning in
      guard rest.starts(with: beginning.utf8) else { return false }
      // `<heading>` is no `<head>`.
      let next = rest.dropFirst(beginning.utf8.count).first
      return next.map { !(97...122).contains($0) } ?? true
    }
    return begins || isDeclared && !isXML
  }

  /// Where the first thing stands that is no blank, comment or declaration of XML; and whether there is such a declaration.
  private static func start(of text: [UInt8]) -> (Int, isXML: Bool) {
    var rest = text[...]
    var isXML = false
    while true {
      rest = rest.drop { $0 <= 0x20 }
      let end: [UInt8]
      if rest.starts(with: "<!--".utf8) {
        end = Array("-->".utf8)
      } else if rest.starts(with: "<?".utf8) {
        isXML = isXML || rest.starts(with: "<?xml".utf8)
        end = Array("?>".utf8)
      } else {
        return (rest.startIndex, isXML)
      }
      guard let found = rest.firstRange(of: end) else { return (rest.endIndex, isXML) }
      rest = rest[found.upperBound...]
    }
  }

  /// What a page calls itself.
  private static func title(_ text: [UInt8]) -> String? {
    let small = text.map { (65...90).contains($0) ? $0 | 0x20 : $0 }
    guard let opening = small.firstRange(of: Array("<title".utf8)),
      let begin = small[opening.upperBound...].firstIndex(of: UInt8(ascii: ">")),
      let end = small[begin...].firstRange(of: Array("</title".utf8))
    else { return nil }
    let words = String(decoding: text[(begin + 1)..<end.lowerBound], as: UTF8.self).split { $0.isWhitespace }
    let title = words.joined(separator: " ")
    return title.isEmpty ? nil : String(title.prefix(longestTitle))
  }
}
