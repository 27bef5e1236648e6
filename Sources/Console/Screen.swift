import Glibc

/// The terminal that somebody reads from.
package enum Screen {
  /// The columns of the terminal behind a descriptor; `nil`: it leads to a file or a program. 80 where the terminal does
  /// not say, or says what nobody can read.
  package static func width(of descriptor: Int32) -> Int? {
    guard isatty(descriptor) == 1 else { return nil }
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 20 else { return 80 }
    return Int(size.ws_col)
  }

  /// Whether a line of the terminal behind a descriptor can be written anew.
  package static func canRewrite(_ descriptor: Int32) -> Bool {
    isatty(descriptor) == 1 && getenv("TERM").map { String(cString: $0) } != "dumb"
  }
}
