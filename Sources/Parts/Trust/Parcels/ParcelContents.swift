import MirrorTypes

/// A file in a parcel.
package struct ParcelFile: Sendable, Hashable {
  /// Its path, which begins with the folder of a kind: `licence/hosts.json`.
  package var path: TreePath
  /// Its bytes.
  package var size: Int64
  /// Their SHA-256.
  package var sha256: Digest256

  /// A file.
  package init(path: TreePath, size: Int64, sha256: Digest256) {
    self.path = path
    self.size = size
    self.sha256 = sha256
  }

  /// Its path below the folder of a kind; `nil` when it does not lie there.
  package func path(below kind: ParcelKind) -> TreePath? { path.relative(to: kind.folder) }

  /// Whether it lies below the folder of a kind.
  package func isOf(_ kind: ParcelKind) -> Bool { path.lies(below: kind.folder) }
}

/// The list of what a parcel holds: plain text, which whoever guards the way out can read without a key.
///
/// Lines about the parcel, and behind the last empty line a line `SHA256  SIZE  PATH` for each file
/// (kscmirror-bundle(5)). No path has a character that would not be seen, or change how others are seen.
package struct ParcelContents: Sendable, Hashable {
  /// The files, in the order in which they lie in the parcel.
  package let files: [ParcelFile]

  /// The most bytes that a list may have.
  package static let maximumSize = 16 << 20
  /// The most files of a parcel.
  package static let maximumFiles = 100_000

  /// The bytes of all files.
  package var bytes: Int64 { files.totalBytes(\.size) }

  /// A list of files; `nil` when one is there twice, or below another.
  package init?(_ files: [ParcelFile]) {
    guard Self.areDistinct(files) else { return nil }
    self.files = files
  }

  /// The text of the list.
  ///
  /// - Parameters:
  ///   - head: lines about the parcel, each a word and what it is.
  ///   - words: lines in plain words about what it holds.
  package func text(_ head: [(String, String)], words: [String] = []) -> String {
    let width = head.map(\.0.count).max() ?? 0
    let lines = head.map { word, value in word + String(repeating: " ", count: width - word.count + 2) + value }
    let said = words.isEmpty ? [] : [""] + words
    return (lines + said + [""] + files.map { "\($0.sha256.hex)  \($0.size)  \($0.path)" })
      .map { ShownText.escaped($0) + "\n" }.joined()
  }

  /// Reads a list, strictly: each file once, none below another, all below the folder of a kind.
  ///
  /// - Throws: ``ParcelError/alteredContents(_:)``.
  init(parsing bytes: [UInt8], carrying kinds: [ParcelKind]) throws(ParcelError) {
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.utf8.elementsEqual(bytes), !text.unicodeScalars.contains(where: { $0.value < 0x20 && $0 != "\n" }) else {
      throw .alteredContents("it is not plain text")
    }
    guard let gap = text.ranges(of: "\n\n").last, text.hasSuffix("\n") else {
      throw .alteredContents("it has no list of files")
    }
    var files: [ParcelFile] = []
    var sum = ByteCount.zero
    for line in text[gap.upperBound...].split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      guard files.count < Self.maximumFiles, let file = Self.file(line), kinds.contains(where: file.isOf) else {
        throw .alteredContents("line \(line.prefix(200).debugDescription) is none of it")
      }
      sum.add(file.size)
      guard sum.value <= ByteCount.largestFile else { throw .alteredContents("it lists more bytes than a parcel has") }
      files.append(file)
    }
    guard !files.isEmpty else { throw .alteredContents("it has no list of files") }
    guard let list = ParcelContents(files) else { throw .alteredContents("a file is there twice, or below another") }
    self = list
  }

  private static func file(_ line: Substring) -> ParcelFile? {
    let parts = line.split(separator: "  ", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let digest = Digest256(hex: parts[0]), let size = Int64(parts[1]),
      ByteCount.ofFile(size) != nil, String(size) == parts[1], let path = try? TreePath(String(parts[2]))
    else { return nil }
    return ParcelFile(path: path, size: size, sha256: digest)
  }

  /// Whether no path is there twice, and none would be a folder too.
  private static func areDistinct(_ files: [ParcelFile]) -> Bool {
    var paths = Set<TreePath>()
    for file in files where !paths.insert(file.path).inserted { return false }
    return !files.contains { $0.path.folders.contains(where: paths.contains) }
  }
}
