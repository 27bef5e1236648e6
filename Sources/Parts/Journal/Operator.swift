import FileSystem
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
    let name = SystemUser(number: number)?.name ?? "uid \(number)"
    guard let raw = getenv("SUDO_USER"), raw.pointee != 0 else { return Operator(user: name, host: hostName) }
    let note = number == 0 ? "(sudo)" : "(sudo to \(name))"
    return Operator(user: "\(String(cString: raw)) \(note)", host: hostName)
  }

  private static var hostName: String {
    var record = utsname()
    guard uname(&record) == 0 else { return "unknown" }
    return withUnsafeBytes(of: &record.nodename) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
