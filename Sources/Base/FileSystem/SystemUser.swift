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
  package init?(_ name: String) { self.init { getpwnam_r(name, $0, $1, $2, $3) } }

  /// Looks a user up; `nil` if there is none of this number.
  package init?(number: UInt32) { self.init { getpwuid_r(number, $0, $1, $2, $3) } }

  /// The user who runs this process; `nil` if the system does not know it.
  package static var current: SystemUser? { SystemUser(number: geteuid()) }

  /// The name of a user, or his number where there is none.
  package static func name(of number: UInt32) -> String { SystemUser(number: number)?.name ?? "\(number)" }

  private typealias Look = (
    UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int, UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
  ) -> Int32

  private init?(_ look: Look) {
    var record = passwd()
    var found: UnsafeMutablePointer<passwd>?
    // The texts lie in the buffer, and are copied before it goes.
    let texts = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 65_536) { buffer -> (String, String)? in
      guard let start = buffer.baseAddress, look(&record, start, buffer.count, &found) == 0, found != nil,
        let name = record.pw_name
      else { return nil }
      return (String(cString: name), record.pw_dir.map { String(cString: $0) } ?? "/")
    }
    guard let (name, home) = texts else { return nil }
    (self.name, number, group, self.home) = (name, record.pw_uid, record.pw_gid, home)
  }
}
