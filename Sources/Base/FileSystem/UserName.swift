import Glibc

/// The names of this host's users.
package enum UserName {
  /// The name of a user, or his number where there is none.
  package static func of(_ number: uid_t) -> String {
    var record = passwd()
    var found: UnsafeMutablePointer<passwd>?
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
      guard let start = buffer.baseAddress, getpwuid_r(number, &record, start, buffer.count, &found) == 0, let found
      else { return "\(number)" }
      return String(cString: found.pointee.pw_name)
    }
  }
}
