import NIOCore

/// How many requests of one connection may still be given up by the client before their answers have gone out.
///
/// A client may give up some of what it asks for: a download that a person ends, a file that turned out not to be needed.
/// One that does nothing else asks for work only to throw it away (rapid reset, CVE-2023-44487). So the allowance grows
/// with each answer that is taken whole, and a client that takes its answers never uses it up, however long it stays.
struct ResetAllowance {
  /// What a new connection has, and to which it comes back with time alone.
  static let initial = 200.0
  /// The most that honest work can save up.
  static let most = 1000.0
  /// What comes back in a second.
  static let perSecond = initial / 30

  private var left = initial
  private var asOf: NIODeadline

  init(at now: NIODeadline) { asOf = now }

  /// An answer has gone out whole.
  mutating func answered() { left = min(left + 1, Self.most) }

  /// A request was given up; returns whether that was still allowed.
  mutating func givenUp(at now: NIODeadline) -> Bool {
    let seconds = Double((now - asOf).nanoseconds) * 1e-9
    asOf = now
    if left < Self.initial { left = min(left + seconds * Self.perSecond, Self.initial) }
    left -= 1
    return left >= 0
  }
}
