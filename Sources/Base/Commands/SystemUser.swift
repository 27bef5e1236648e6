import Glibc

/// A user of this machine.
package struct SystemUser: Hashable, Sendable {
  /// The name.
  package let name: String
  /// The number.
  package let number: UInt32
  /// The number of the user's own group.
  package let group: UInt32
  /// The home folder.
  package let home: String

  /// Looks a user up; `nil` if there is none of this name.
  package init?(_ name: String) {
    var record = passwd()
    guard let home = Self.look(&record, { getpwnam_r(name, $0, $1, $2, $3) }) else { return nil }
    (self.name, number, group, self.home) = (name, record.pw_uid, record.pw_gid, home)
  }

  /// The user who runs this process; `nil` if the system does not know it.
  package static var current: SystemUser? { SystemUser(number: geteuid()) }

  private init?(number: UInt32) {
    var record = passwd()
    var name = ""
    let home = Self.look(&record, { getpwuid_r(number, $0, $1, $2, $3) }, name: &name)
    guard let home else { return nil }
    (self.name, self.number, group, self.home) = (name, number, record.pw_gid, home)
  }

  private typealias Look = (
    UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int, UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
  ) -> Int32

  private static func look(_ record: inout passwd, _ find: Look) -> String? {
    var name = ""
    return look(&record, find, name: &name)
  }

  /// The home folder of the user found; the texts are copied before their buffer goes.
  private static func look(_ record: inout passwd, _ find: Look, name: inout String) -> String? {
    var buffer = [CChar](repeating: 0, count: 65_536)
    var found: UnsafeMutablePointer<passwd>?
    return buffer.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress, find(&record, start, buffer.count, &found) == 0, found != nil else {
        return nil
      }
      if let text = record.pw_name { name = String(cString: text) }
      return record.pw_dir.map { String(cString: $0) } ?? "/"
    }
  }
}
