/// Comparing and cutting texts by their bytes, as file systems, servers and signatures do.
///
/// What Swift itself offers on a `String` works on characters as people see them: there `"K"` in two of Unicode's forms is
/// equal, `"a/\u{301}"` has no slash, and `dropFirst` counts what a reader counts. None of that may decide about a name
/// that comes from elsewhere.
extension StringProtocol {
  /// Whether the bytes are the same.
  package func hasSameBytes(as other: some StringProtocol) -> Bool {
    let same = utf8.withContiguousStorageIfAvailable { mine in
      other.utf8.withContiguousStorageIfAvailable { mine.count == $0.count && mine.elementsEqual($0) }
    }
    return (same ?? nil) ?? utf8.elementsEqual(other.utf8)
  }

  /// Whether the bytes come first in order.
  package func precedesByBytes(_ other: some StringProtocol) -> Bool {
    utf8.lexicographicallyPrecedes(other.utf8)
  }

  /// Hashes the bytes, and that they end.
  package func hashBytes(into hasher: inout Hasher) {
    if utf8.withContiguousStorageIfAvailable({ hasher.combine(bytes: UnsafeRawBufferPointer($0)) }) == nil {
      for byte in utf8 { hasher.combine(byte) }
    }
    hasher.combine(0xFF as UInt8)
  }

  /// Whether the bytes begin so.
  package func hasBytePrefix(_ prefix: some StringProtocol) -> Bool { utf8.starts(with: prefix.utf8) }

  /// Whether the bytes end so.
  package func hasByteSuffix(_ suffix: some StringProtocol) -> Bool {
    utf8.count >= suffix.utf8.count && utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
  }

  /// The text behind a beginning; `nil` for one that does not begin so.
  package func removing(prefix: some StringProtocol) -> String? {
    guard hasBytePrefix(prefix) else { return nil }
    return String(decoding: utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
  }

  /// The text before an end; `nil` for one that does not end so.
  package func removing(suffix: some StringProtocol) -> String? {
    guard hasByteSuffix(suffix) else { return nil }
    return String(decoding: utf8.dropLast(suffix.utf8.count), as: UTF8.self)
  }

  /// What stands between slashes, without what is empty.
  package var byteParts: [SubSequence] { byteParts(keepingEmpty: false) }

  /// What stands between slashes.
  package func byteParts(keepingEmpty: Bool) -> [SubSequence] {
    utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: !keepingEmpty)
      .map { self[$0.startIndex..<$0.endIndex] }
  }
}

extension Unicode.Scalar {
  /// Whether a character joins the one before it, whatever that is: combining marks, and what else extends a character.
  package var joinsWhatIsBefore: Bool {
    switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark: true
    default: properties.isGraphemeExtend || properties.isEmojiModifier
    }
  }
}

extension Substring {
  /// Without blanks and tabs at both ends.
  package var trimmingBlanks: Substring {
    var text = self
    while let first = text.utf8.first, first == 0x20 || first == 0x09 { text = text.dropFirst() }
    while let last = text.utf8.last, last == 0x20 || last == 0x09 { text = text.dropLast() }
    return text
  }
}
