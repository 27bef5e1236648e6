import MirrorTypes

/// From when on something is worth a look, and from when on it is not in order: for `status`, `check`, `doctor`, the page
/// and the metrics alike.
package struct WatchSettings: Sendable, Hashable {
  /// A pair of limits, in seconds.
  package struct Limits: Sendable, Hashable, Encodable {
    /// From here on it is a warning.
    package let warning: Int64
    /// From here on it is critical.
    package let critical: Int64

    /// A pair of limits.
    package init(warning: Int64, critical: Int64) {
      self.warning = warning
      self.critical = critical
    }

    /// Limits in days.
    package static func days(_ warning: Int64, _ critical: Int64) -> Limits {
      Limits(warning: warning * 86_400, critical: critical * 86_400)
    }

    /// Reads `3d,7d`; `nil` for anything else.
    ///
    /// - Parameter falling: whether it is time that is left, so that the warning comes with the larger number.
    package init?(_ text: String, falling: Bool = false) {
      self.init(text.split(separator: ",", omittingEmptySubsequences: false).map(String.init), falling: falling)
    }

    init?(_ texts: [String], falling: Bool) {
      let times = texts.compactMap { Quantity.seconds($0) }.filter { $0 <= WatchSettings.longest }.map { Int64($0) }
      guard texts.count == 2, times.count == 2, times.allSatisfy({ $0 > 0 }) else { return nil }
      guard falling ? times[0] >= times[1] : times[0] <= times[1] else { return nil }
      self.init(warning: times[0], critical: times[1])
    }
  }

  /// The age of databases, by the dates in their indexes.
  package var age: Limits = .days(3, 7)
  /// The components that are judged one by one; the others only count together.
  package var components: [String] = []
  /// How long ago the last sync that succeeded may be.
  package var sync: Limits = .days(1, 3)
  /// How long ago the last import that succeeded may be; `nil`: that is not judged, since the age of the databases is.
  package var `import`: Limits?
  /// How long ago a site's last receipt may have been collected.
  package var receipt: Limits = .days(14, 30)
  /// How long before the end of what is signed somebody should know.
  package var expiry: Limits = .days(7, 1)
  /// How long a stick is on its way, in seconds.
  package var carry: Int64 = 86_400

  /// The longest time that can be set, in seconds: a hundred years.
  static let longest = 36_500.0 * 86_400

  /// The defaults.
  package init() {}

  /// The limits by which the age of databases is called old and very old.
  package var ages: AgeLimits { AgeLimits(old: age.warning, veryOld: age.critical) }
}

extension WatchSettings {
  init(reading top: inout TableReader) throws(ConfigurationError) {
    self.init()
    guard var table = try top.subtable("watch", as: "[watch]") else { return }
    age = try table.limits("age") ?? age
    components = try table.strings("components") ?? components
    sync = try table.limits("sync") ?? sync
    `import` = try table.limits("import")
    receipt = try table.limits("receipt") ?? receipt
    expiry = try table.limits("expiry", falling: true) ?? expiry
    if let time = try table.quantity("carry", "a time such as \"2d\"", Quantity.seconds) {
      guard time <= 365 * 86_400 else { throw table.bad("carry", "has to be 365 days at most") }
      carry = Int64(time)
    }
    try table.finish()
  }
}

extension TableReader {
  /// Two times: of the warning, and of what is critical.
  fileprivate mutating func limits(
    _ key: String,
    falling: Bool = false
  ) throws(ConfigurationError) -> WatchSettings.Limits? {
    guard let texts = try strings(key) else { return nil }
    if let limits = WatchSettings.Limits(texts, falling: falling) { return limits }
    let example =
      falling ? "[\"7d\", \"1d\"]: the first is the longer one" : "[\"3d\", \"7d\"]: the second is the longer one"
    throw bad(key, "has to be two times, for a warning and for what is critical, such as \(example)")
  }
}
