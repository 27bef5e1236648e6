import CLinux
import Glibc
import SystemPackage

/// Somebody who reads files: another user, or anybody at all. Whether somebody may is reckoned from permissions and access
/// control lists, so that it can be said of a user whom this process is not.
package enum FileReader: Sendable, Hashable {
  /// Whoever has no other right than everybody has.
  case anybody
  /// A user with all groups.
  case user(name: String, number: UInt32, groups: Set<UInt32>)

  /// A user of this machine; `nil` if there is none of this name.
  package init?(user name: String) {
    guard let user = SystemUser(name) else { return nil }
    var count: Int32 = 1024
    var groups = [gid_t](repeating: 0, count: Int(count))
    guard getgrouplist(user.name, user.group, &groups, &count) >= 0 else { return nil }
    self = .user(name: user.name, number: user.number, groups: Set(groups.prefix(Int(count))))
  }

  /// Whoever it is, in a sentence.
  package var words: String {
    switch self {
    case .anybody: "other users"
    case .user(let name, _, _): "user \(name)"
    }
  }

  /// What may be wanted of a file or folder.
  package struct Wish: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    /// To read a file, or list a folder.
    package static let reading = Wish(rawValue: 4)
    /// To reach what lies in a folder.
    package static let passing = Wish(rawValue: 1)
  }

  /// Whether it may do this with what lies at a path; a link at its end is not followed.
  ///
  /// - Throws: ``FileError`` when that cannot be said.
  package func may(_ wish: Wish, _ path: FilePath) throws(FileError) -> Bool {
    var record = stat()
    guard lstat(path.string, &record) == 0 else { throw .current("examine", path) }
    let mode = UInt32(record.st_mode)
    switch self {
    case .anybody: return wish.isGranted(by: mode & 7)
    case .user(_, 0, _):
      // Root reads everything, and passes through every folder.
      return true
    case .user(_, let number, let groups):
      if let list = AccessList(of: path) {
        return list.grants(wish, number, groups, owner: record.st_uid, record.st_gid)
      }
      if record.st_uid == number { return wish.isGranted(by: mode >> 6 & 7) }
      return wish.isGranted(by: groups.contains(record.st_gid) ? mode >> 3 & 7 : mode & 7)
    }
  }
}

extension FileReader.Wish {
  func isGranted(by bits: UInt32) -> Bool { rawValue & bits == rawValue }
}

/// The access control list of a file, as Linux keeps it (`system.posix_acl_access`; acl(5)).
struct AccessList {
  private struct Entry {
    let tag: UInt16
    let bits: UInt32
    let id: UInt32
  }

  private let entries: [Entry]

  /// Reads it; `nil` where there is none, as a rule.
  init?(of path: FilePath) {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = access_list_of(path.string, &buffer, buffer.count)
    guard count > 0 else { return nil }
    self.init(buffer[..<count])
  }

  /// Reads its bytes: version 2, then entries of tag, permissions and number, in the machine's order.
  init?(_ bytes: ArraySlice<UInt8>) {
    func number(_ start: Int, _ count: Int) -> UInt32 {
      var number: UInt32 = 0
      for byte in bytes.dropFirst(start).prefix(count).reversed() { number = number << 8 | UInt32(byte) }
      return number
    }
    guard bytes.count >= 4, bytes.count % 8 == 4, number(0, 4) == 2 else { return nil }
    entries = stride(from: 4, to: bytes.count, by: 8).map {
      Entry(tag: UInt16(number($0, 2)), bits: number($0 + 2, 2), id: number($0 + 4, 4))
    }
  }

  /// Whether it lets a user do something (acl(5), access check algorithm).
  func grants(_ wish: FileReader.Wish, _ user: UInt32, _ groups: Set<UInt32>, owner: UInt32, _ group: UInt32) -> Bool {
    let (ownerTag, userTag, groupTag, namedGroupTag, maskTag, othersTag):
      (UInt16, UInt16, UInt16, UInt16, UInt16, UInt16)
    (ownerTag, userTag, groupTag, namedGroupTag, maskTag, othersTag) = (1, 2, 4, 8, 16, 32)
    func first(_ tag: UInt16) -> Entry? { entries.first { $0.tag == tag } }
    let mask = first(maskTag)?.bits ?? 7
    if user == owner { return wish.isGranted(by: first(ownerTag)?.bits ?? 0) }
    if let named = entries.first(where: { $0.tag == userTag && $0.id == user }) {
      return wish.isGranted(by: named.bits & mask)
    }
    let ofGroups = entries.filter {
      $0.tag == groupTag && groups.contains(group) || $0.tag == namedGroupTag && groups.contains($0.id)
    }
    guard ofGroups.isEmpty else { return ofGroups.contains { wish.isGranted(by: $0.bits & mask) } }
    return wish.isGranted(by: first(othersTag)?.bits ?? 0)
  }
}
