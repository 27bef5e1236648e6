import Glibc

/// Who does something, and on which machine, as an entry names them.
package struct Operator: Sendable, Hashable {
  /// The user's name, with a note if it was by `sudo`.
  package let user: String
  /// The machine's name.
  package let host: String

  /// Somebody.
  package init(user: String, host: String) {
    self.user = user
    self.host = host
  }

  /// Who runs this process.
  ///
  /// `alice`; `alice (sudo)` if she became root; `alice (sudo to mirror)` if she became another user. The part before
  /// the bracket is then what the environment says: somebody who may run this program can name anybody there.
  package static var current: Operator {
    let number = getuid()
    let name = userName(number) ?? "uid \(number)"
    guard let raw = getenv("SUDO_USER"), raw.pointee != 0 else { return Operator(user: name, host: hostName) }
    let note = number == 0 ? "(sudo)" : "(sudo to \(name))"
    return Operator(user: "\(String(cString: raw)) \(note)", host: hostName)
  }

  private static func userName(_ number: uid_t) -> String? {
    var record = passwd()
    var found: UnsafeMutablePointer<passwd>?
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
      guard let start = buffer.baseAddress, getpwuid_r(number, &record, start, buffer.count, &found) == 0 else {
        return nil
      }
      // The name lies in the buffer.
      return found.map { String(cString: $0.pointee.pw_name) }
    }
  }

  private static var hostName: String {
    var record = utsname()
    guard uname(&record) == 0 else { return "unknown" }
    return withUnsafeBytes(of: &record.nodename) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
