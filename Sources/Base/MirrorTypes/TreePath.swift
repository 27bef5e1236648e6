/// A path below the root of a tree, proven to stay below it on any file system that a bundle meets.
///
/// Parts are joined by `/`. It is never empty or absolute and has no part that is empty, `.` or `..`; no control
/// characters, no backslash; nothing that FAT or NTFS would refuse or take for something else; nothing that is not seen or
/// changes how others are seen; no part that begins with what joins the character before it.
/// Whatever comes from a server, an index or a medium becomes a `TreePath` before it becomes a file.
///
/// What is to get a path from now on is named by ``init(new:)``, which also refuses the names of Windows's devices. Stores
/// and bundles may hold such a name from before it was refused: what they list is read by ``init(_:)``.
///
/// A path is its bytes, as file systems have it: "é" in two Unicode forms makes two paths. Swift compares and cuts a
/// `String` by the characters that people see, which is something else; so whatever is to be asked of a path is asked of
/// this type. ``folded`` tells which paths some other system would take for one.
package struct TreePath: Sendable {
  /// The path, parts joined by `/`. To be shown, and to be handed to a file system.
  package let string: String

  /// The most bytes a path may have. The vendor's longest has 130.
  package static let maximumLength = 1024
  /// The most bytes a part of a path may have: what ext4, NTFS and exFAT hold.
  package static let maximumPartLength = 255
  /// The most parts a path may have. The vendor's deepest has 8.
  package static let maximumDepth = 32

  /// Takes a path after checking it.
  ///
  /// - Throws: ``TreePathError``, with what was wrong.
  package init(_ string: String) throws(TreePathError) {
    if let problem = Self.problem(of: string) { throw TreePathError(text: string, problem: problem) }
    self.string = string
  }

  /// Takes a path that a file is to get from now on: no part of it is a name that Windows keeps for a device.
  ///
  /// - Throws: ``TreePathError``, with what was wrong.
  package init(new string: String) throws(TreePathError) {
    try self.init(string)
    if let part = deviceName { throw TreePathError(text: string, problem: .deviceName(String(part))) }
  }

  /// Takes a path that stands in the program itself: a wrong one is a programmer's error and ends the program.
  package init(constant string: StaticString) {
    self.string = string.description
    let problem = Self.problem(of: self.string)
    precondition(problem == nil, "\(string) is not a path")
  }

  private init(proven string: String) { self.string = string }

  /// This path with another one below it.
  ///
  /// - Throws: ``TreePathError`` if the two together are too long or too deep.
  package func appending(_ other: TreePath) throws(TreePathError) -> TreePath {
    try TreePath(string + "/" + other.string)
  }

  /// The parts, outermost first.
  package var parts: [Substring] { string.byteParts }

  /// The first part that Windows keeps for a device, such as `aux.xml`; `nil`: there is none.
  package var deviceName: Substring? { parts.first { DeviceName.isOne($0.utf8) } }

  /// The last part: the file's own name.
  package var name: Substring {
    guard let slash = string.utf8.lastIndex(of: UInt8(ascii: "/")) else { return string[...] }
    return string[string.utf8.index(after: slash)...]
  }

  /// The folder that the path lies in; `nil` at the root of the tree.
  package var folder: TreePath? {
    guard let slash = string.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
    return TreePath(proven: String(string[..<slash]))
  }

  /// The folders that the path lies in, outermost first; none at the root of the tree.
  package var folders: [TreePath] {
    string.utf8.indices.filter { string.utf8[$0] == UInt8(ascii: "/") }
      .map { TreePath(proven: String(string[..<$0])) }
  }

  /// The same path with its last part in lower case (ASCII letters only, as the vendor's names are ASCII).
  package var withLowercasedName: TreePath {
    let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
    guard name.utf8.contains(where: capitals.contains) else { return self }
    let lowered = String(decoding: name.utf8.map { capitals.contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    return TreePath(proven: string[..<name.startIndex] + lowered)
  }

  /// Whether this path is `folder` or lies below it.
  package func isInside(_ folder: TreePath) -> Bool { self == folder || lies(below: folder.string) }

  /// Whether this path lies below a folder: one of our own names, without a slash at its end.
  package func lies(below folder: String) -> Bool {
    string.utf8.count > folder.utf8.count + 1 && string.hasBytePrefix(folder)
      && string.utf8[string.utf8.index(string.startIndex, offsetBy: folder.utf8.count)] == UInt8(ascii: "/")
  }

  /// The path from a folder on; `nil` when it does not lie below that.
  package func relative(to folder: String) -> TreePath? {
    guard lies(below: folder) else { return nil }
    return TreePath(proven: String(decoding: string.utf8.dropFirst(folder.utf8.count + 1), as: UTF8.self))
  }

  /// The path from a folder on; `nil` when it does not lie below that.
  package func relative(to folder: TreePath) -> TreePath? { relative(to: folder.string) }

  /// Whether the file's own name ends so, and has more than that.
  package func hasSuffix(_ suffix: String) -> Bool {
    name.utf8.count > suffix.utf8.count && name.hasByteSuffix(suffix)
  }

  /// The path without the end of its name; `nil` when the name does not end so, or what is left is no path.
  package func removing(suffix: String) -> TreePath? {
    guard hasSuffix(suffix) else { return nil }
    return try? TreePath(String(decoding: string.utf8.dropLast(suffix.utf8.count), as: UTF8.self))
  }

  /// Whether the path is exactly this text.
  package func `is`(_ text: String) -> Bool { string.hasSameBytes(as: text) }

  /// What is the same for paths that some system takes for one: those that differ in case or in Unicode form only.
  package var folded: FoldedPath { FoldedPath(self) }

  /// The path with all but ASCII as `\u{301}`: tells apart what looks the same.
  package var spelled: String {
    string.unicodeScalars.reduce(into: "") { result, scalar in
      if scalar.isASCII {
        result.unicodeScalars.append(scalar)
      } else {
        result += "\\u{\(String(scalar.value, radix: 16))}"
      }
    }
  }

  private static func problem(of string: String) -> TreePathError.Problem? {
    var count = 0
    var partCount = 0
    var depth = 1
    var dotsOnly = true
    var isASCII = true
    var last: UInt8 = 0
    for byte in string.utf8 {
      count += 1
      if byte == UInt8(ascii: "/") {
        if count == 1 { return .absolute }
        if let problem = problemOfPart(length: partCount, dotsOnly: dotsOnly, last: last) { return problem }
        depth += 1
        partCount = 0
        dotsOnly = true
      } else {
        if byte < 0x20 || byte == 0x7F { return .controlCharacter }
        if isForbidden(byte) { return .forbiddenCharacter(Character(UnicodeScalar(byte))) }
        if byte != UInt8(ascii: ".") { dotsOnly = false }
        if byte >= 0x80 { isASCII = false }
        partCount += 1
      }
      last = byte
    }
    if count == 0 { return .empty }
    if count > maximumLength { return .tooLong }
    if depth > maximumDepth { return .tooDeep }
    if let problem = problemOfPart(length: partCount, dotsOnly: dotsOnly, last: last) { return problem }
    return isASCII ? nil : problemOfScalars(string)
  }

  private static func problemOfScalars(_ string: String) -> TreePathError.Problem? {
    var isFirst = true
    for scalar in string.unicodeScalars {
      if scalar.isUnsafeToShow {
        return scalar.properties.generalCategory == .control ? .controlCharacter : .unseenCharacter(scalar)
      }
      if isFirst && scalar.joinsWhatIsBefore { return .beginsWithMark(scalar) }
      if isLookalike(scalar) { return .forbiddenCharacter(Character(scalar)) }
      isFirst = scalar == "/"
    }
    return nil
  }

  /// The three characters that Unicode has twice, the other time in ASCII. Without them a path is the same text as a name
  /// in ASCII only if it has the same bytes.
  private static func isLookalike(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "\u{212A}" || scalar == "\u{37E}" || scalar == "\u{1FEF}"
  }

  private static func problemOfPart(length: Int, dotsOnly: Bool, last: UInt8) -> TreePathError.Problem? {
    if length == 0 { return .emptyPart }
    if dotsOnly { return .leavesRoot }
    if length > maximumPartLength { return .tooLong }
    // FAT and NTFS drop a trailing dot or blank: two names would become one file.
    if last == UInt8(ascii: ".") || last == UInt8(ascii: " ") { return .trailingDotOrBlank }
    return nil
  }

  private static func isForbidden(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "\\"), UInt8(ascii: ":"), UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "\""),
      UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "|"):
      true
    default: false
    }
  }
}

extension TreePath: Hashable {
  /// Equal when all bytes are.
  package static func == (left: Self, right: Self) -> Bool { left.string.hasSameBytes(as: right.string) }

  /// Hashes the bytes.
  package func hash(into hasher: inout Hasher) { string.hashBytes(into: &hasher) }
}

extension TreePath: Comparable {
  /// The order of the bytes.
  package static func < (left: Self, right: Self) -> Bool { left.string.precedesByBytes(right.string) }
}

extension TreePath: CustomStringConvertible {
  /// The same as ``string``.
  package var description: String { string }
}

extension TreePath: Codable {
  /// Reads and checks a string.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    try self.init(try container.decode(String.self))
  }

  /// Writes ``string``.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(string)
  }
}

/// Why a text is no ``TreePath``.
package struct TreePathError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong with a path.
  package enum Problem: Hashable, Sendable {
    /// Nothing at all.
    case empty
    /// It begins with a slash.
    case absolute
    /// A part of it consists of dots.
    case leavesRoot
    /// Two slashes in a row, or one at the end.
    case emptyPart
    /// NUL, a line break or another control character.
    case controlCharacter
    /// A character that is not seen, or changes how others are seen: ``Unicode/Scalar/isUnsafeToShow``.
    case unseenCharacter(Unicode.Scalar)
    /// A part begins with a character that joins the one before it: an accent on a slash.
    case beginsWithMark(Unicode.Scalar)
    /// A character that FAT or NTFS refuses, a backslash, or one that Unicode takes for another in ASCII.
    case forbiddenCharacter(Character)
    /// A part ends in a dot or a blank.
    case trailingDotOrBlank
    /// A part is a name that Windows keeps for a device, with any ending: ``TreePath/init(new:)``.
    case deviceName(String)
    /// More bytes than ``TreePath/maximumLength``, or a part over ``TreePath/maximumPartLength``.
    case tooLong
    /// More parts than ``TreePath/maximumDepth``.
    case tooDeep
  }

  /// The text that was refused.
  package let text: String
  /// What is wrong with it.
  package let problem: Problem

  /// A refusal of `text`.
  package init(text: String, problem: Problem) {
    self.text = text
    self.problem = problem
  }

  /// The refusal in words, with the text made safe to print.
  package var description: String {
    let shown = ShownText.quoted(text, atMost: 160)
    return "path \(shown) \(reason)"
  }

  private var reason: String {
    switch problem {
    case .empty: "is empty"
    case .absolute: "is absolute"
    case .leavesRoot: "would leave the root of the tree"
    case .emptyPart: "has an empty part"
    case .controlCharacter: "has a control character"
    case .unseenCharacter(let scalar):
      "has the character \(Self.number(scalar)), which is not seen or changes how others are seen"
    case .beginsWithMark(let scalar):
      "has a part that begins with the character \(Self.number(scalar)), a mark on the character before it"
    case .forbiddenCharacter(let character): "has the character \(String(character).debugDescription)"
    case .trailingDotOrBlank: "has a part that ends in a dot or a blank"
    case .deviceName(let part):
      "has the part \(ShownText.quoted(part, atMost: 40)), a name that Windows keeps for a device"
    case .tooLong: "is too long"
    case .tooDeep: "is too deep"
    }
  }

  private static func number(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
