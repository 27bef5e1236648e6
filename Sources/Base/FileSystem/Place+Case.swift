import Glibc
import SystemPackage

/// Folders whose names have lost their small letters: copies by way of systems and discs that know capitals only (8.3 names,
/// ISO 9660 without Rock Ridge).
extension Place {
  /// How many names of a folder are looked at for one that differs in case.
  private static let mostNames = 200_000

  /// The same place. What lies below it is found under a name that differs in the case of ASCII letters, where there is
  /// nothing of exactly that name; ``entries(atMost:)`` gives names in small letters, which lead to what has them.
  ///
  /// Two names that differ in case only, and neither of them the one that is looked up, fail with `ENOTUNIQ`.
  package var ignoringCase: Place { Place(in: folder, parts, exactCount: parts.count) }

  /// Whether names below are looked up by ``ignoringCase``.
  package var ignoresCase: Bool { exactCount != nil }

  /// The place with the names that the folders have.
  func located(_ operation: String) throws(FileError) -> Place {
    guard let exactCount, parts.count > exactCount else { return Place(in: folder, parts) }
    var found = Place(in: folder, Array(parts.prefix(exactCount)))
    for part in parts.dropFirst(exactCount) {
      found = try found.child(resembling: part, operation)
    }
    return found
  }

  private func child(resembling name: [UInt8], _ operation: String) throws(FileError) -> Place {
    let exact = appending(bytes: name)
    guard try exact.status() == nil, try status()?.kind == .folder else { return exact }
    let wanted = Files.Entry.inSmallLetters(name)
    let alike = try entries(atMost: Self.mostNames).filter { Files.Entry.inSmallLetters($0.bytes) == wanted }
    guard alike.count < 2 else { throw FileError(operation, exact.shown, Errno(rawValue: ENOTUNIQ)) }
    return alike.first.map { appending($0) } ?? exact
  }
}

extension Files.Entry {
  /// The entry with its name in small letters; its bytes stay.
  var inSmallLetters: Files.Entry {
    Files.Entry(name: String(decoding: Self.inSmallLetters(bytes), as: UTF8.self), bytes: bytes, kind: kind)
  }

  fileprivate static func inSmallLetters(_ bytes: [UInt8]) -> [UInt8] {
    bytes.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
  }
}
