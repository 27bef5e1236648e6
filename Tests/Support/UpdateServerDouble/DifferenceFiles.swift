import Foundation
import SystemPackage
import TestSupport

/// The vendor's difference files beside a part of a made-up tree (FORMAT.md, section 5): compressed twins,
/// differences, and lists of differences. Their content is none that a client could use.
struct DifferenceFiles {
  /// The tree's folder.
  let folder: FilePath
  /// What everything follows from.
  let seed: UInt64
  /// The tree's day.
  let day: Int

  /// How many differences a list names: with each new one the oldest goes.
  private static let kept = 2

  /// Makes those of a file anew, after it has changed. One file of three has a twin and a difference; half of these
  /// have a list too.
  func renew(_ path: String) throws {
    let place = number(path)
    guard place % 3 == 0 else { return }
    try renewTwin(path)
    try write("\(path).dif", content("KLD2", path))
    guard place % 2 == 0 else { return }
    let list = Self.list(of: path)
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let gone = try names(in: list)
    let names = (gone + ["\(name).d\(day)"]).suffix(Self.kept)
    for old in gone where !names.contains(old) { try remove("\(Self.folder(of: list))/\(old)") }
    for name in names { try write("\(Self.folder(of: list))/\(name)", content("KLD2", name)) }
    try write(list, [0xEF, 0xBB, 0xBF] + names.flatMap { Array("\($0)\r\n".utf8) })
  }

  /// Makes the compressed twin of a file anew.
  func renewTwin(_ path: String) throws { try write("\(path).klz", content("KLZF", path)) }

  /// Removes those of a file that is gone.
  func remove(of path: String) throws {
    let list = Self.list(of: path)
    let differences = try names(in: list).map { "\(Self.folder(of: list))/\($0)" }
    for path in ["\(path).klz", "\(path).dif", list] + differences { try remove(path) }
  }

  /// Where the list of a file lies.
  static func list(of path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return "diffs/\(folder(of: path))/~\(name).diffs"
  }

  private static func folder(of path: String) -> String { path.split(separator: "/").dropLast().joined(separator: "/") }

  /// A number that follows from the path alone.
  private func number(_ path: String) -> UInt64 { path.utf8.reduce(0) { $0 &+ UInt64($1) } }

  private func content(_ magic: String, _ path: String) -> [UInt8] {
    var random = SeededGenerator(seed &+ number(path) &* 31 &+ UInt64(day))
    return Array(magic.utf8) + (0..<200).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }

  private func names(in list: String) throws -> [String] {
    guard let bytes = FileManager.default.contents(atPath: folder.pushing(FilePath(list)).string) else { return [] }
    return String(decoding: bytes.dropFirst(3), as: UTF8.self).components(separatedBy: "\r\n").filter { !$0.isEmpty }
  }

  private func write(_ path: String, _ bytes: [UInt8]) throws {
    try UpdateTree.write(bytes, to: folder.pushing(FilePath(path)))
  }

  private func remove(_ path: String) throws {
    let place = folder.pushing(FilePath(path)).string
    if FileManager.default.fileExists(atPath: place) { try FileManager.default.removeItem(atPath: place) }
  }
}
