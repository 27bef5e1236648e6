import MirrorTypes

/// The name of an entry of a volume.
enum EntryName: Equatable {
  /// An object, or a part of one that is larger than a volume, counted from 1.
  case object(ObjectDigest, part: Int?)
  /// The list of the files of a patch, counted from 1.
  case patchFiles(Int)
  /// A patch.
  case patch(Int)

  /// `objects/ab/cdef…`, with `.part1` and so on behind it for a part; `patches/000001.files`, `patches/000001.zst`.
  var text: String {
    switch self {
    case .object(let object, let part):
      let hex = object.hex
      return "objects/\(hex.prefix(2))/\(hex.dropFirst(2))" + (part.map { ".part\($0)" } ?? "")
    case .patchFiles(let number): return "patches/\(Self.padded(number)).files"
    case .patch(let number): return "patches/\(Self.padded(number)).zst"
    }
  }

  private static func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }

  /// Reads a name; `nil` for what is none.
  init?(_ text: String) {
    let pieces = text.byteParts(keepingEmpty: true)
    let name = pieces.count == 3 ? Self.object(pieces) : pieces.count == 2 ? Self.patch(pieces) : nil
    guard let name, name.text.utf8.elementsEqual(text.utf8) else { return nil }
    self = name
  }

  private static func object(_ pieces: [Substring]) -> EntryName? {
    guard pieces[0] == "objects", pieces[1].utf8.count == 2 else { return nil }
    let halves = pieces[2].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let object = ObjectDigest(hex: pieces[1] + halves[0]) else { return nil }
    guard halves.count == 2 else { return .object(object, part: nil) }
    guard halves[1].hasPrefix("part"), let number = Int(halves[1].dropFirst(4)), number >= 1 else { return nil }
    return .object(object, part: number)
  }

  private static func patch(_ pieces: [Substring]) -> EntryName? {
    let halves = pieces[1].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard pieces[0] == "patches", halves.count == 2, let number = Int(halves[0]), number >= 1 else { return nil }
    return halves[1] == "files" ? .patchFiles(number) : halves[1] == "zst" ? .patch(number) : nil
  }
}
