import MirrorTypes

/// The text beside a patch in a volume: which files it is made from, and which it makes (kscmirror-bundle(5)).
///
///     base updates/kdb/kdb001.kdc
///     file updates/kdb/kdb001.kdc
///     part 16777216 8388608 packages/setup.exe
struct PatchList {
  /// A line: a path, and a stretch of it when it is not all.
  struct Line: Equatable {
    var path: TreePath
    /// Offset and length; `nil`: the whole file.
    var stretch: Range<Int64>?
  }

  var bases: [Line] = []
  var objects: [Line] = []

  /// The most bytes of a list.
  static let maximumSize: Int64 = 8 << 20

  init(_ group: PatchGroup) {
    bases = group.bases.map(Line.init)
    objects = group.objects.map(Line.init)
  }

  /// Reads a list; `nil` for what is none, or has too many lines.
  init?(parsing bytes: [UInt8]) {
    guard bytes.last == UInt8(ascii: "\n") else { return nil }
    for line in bytes.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      // Bytes that are no UTF-8 make a path that no signed list has.
      let words = String(decoding: line, as: UTF8.self).split(separator: " ", maxSplits: 1)
      guard words.count == 2 else { return nil }
      switch words[0] {
      case "base", "file":
        guard let path = try? TreePath(String(words[1])) else { return nil }
        add(Line(path: path, stretch: nil), isBase: words[0] == "base")
      case "base-part", "part":
        guard let line = Line(part: words[1]) else { return nil }
        add(line, isBase: words[0] == "base-part")
      default: return nil
      }
      guard max(bases.count, objects.count) <= PatchGroup.maximumFiles else { return nil }
    }
    guard !objects.isEmpty else { return nil }
  }

  private mutating func add(_ line: Line, isBase: Bool) {
    if isBase { bases.append(line) } else { objects.append(line) }
  }

  /// The text.
  var text: [UInt8] {
    let lines = bases.map { ($0, "base", "base-part") } + objects.map { ($0, "file", "part") }
    return Array(
      lines.map { line, whole, part in
        guard let stretch = line.stretch else { return "\(whole) \(line.path.string)\n" }
        return "\(part) \(stretch.lowerBound) \(stretch.count) \(line.path.string)\n"
      }.joined().utf8
    )
  }
}

extension PatchList.Line {
  fileprivate init(_ extent: Extent) {
    path = extent.path
    stretch = extent.isWhole ? nil : extent.offset..<(extent.offset + extent.length)
  }

  /// Reads `OFFSET LENGTH PATH`.
  fileprivate init?(part text: Substring) {
    let words = text.split(separator: " ", maxSplits: 2)
    guard words.count == 3, let offset = Int64(words[0]).flatMap(ByteCount.ofFile),
      let length = Int64(words[1]).flatMap(ByteCount.ofFile), length > 0,
      "\(offset) \(length)".utf8.elementsEqual("\(words[0]) \(words[1])".utf8),
      let path = try? TreePath(String(words[2]))
    else { return nil }
    self.init(path: path, stretch: offset..<(offset + length))
  }
}
