import MirrorTypes

/// What a field may hold, and whether it may leave a site.
public struct FieldRule: Hashable, Sendable {
  /// What a field may hold.
  public enum Kind: Hashable, Sendable {
    /// A text of at most so many bytes, in one line.
    case text(Int)
    /// A whole number in a range.
    case number(ClosedRange<Int64>)
    /// At most so many whole numbers, none of them negative.
    case numbers(Int)
    /// Yes or no.
    case flag
    /// A point in time.
    case time
    /// 64 hexadecimal digits in lower case.
    case digest
  }

  /// Whether a field may leave a site.
  public enum Privacy: Hashable, Sendable {
    /// It may.
    case open
    /// It names, or may name, a person, an organisation or an address: it leaves only when asked for.
    case personal
    /// It names a device: it leaves when asked for. A pseudonym may take its place.
    case device
    /// It names the Administration Server: it leaves when devices do, and as a pseudonym when they do so.
    case server
  }

  /// What the field may hold.
  public let kind: Kind
  /// Whether it may leave.
  public let privacy: Privacy

  /// A rule.
  public init(_ kind: Kind, _ privacy: Privacy = .open) {
    self.kind = kind
    self.privacy = privacy
  }

  /// Counts of what an Administration Server counts.
  static let count = FieldRule(.number(0...Int64(Int32.max)))
  /// A point in time that may leave.
  static let time = FieldRule(.time)
  /// Yes or no that may leave.
  static let flag = FieldRule(.flag)
  /// The SHA-256 of something.
  static let digest = FieldRule(.digest)
  /// A text that may leave.
  static func text(_ limit: Int) -> FieldRule { FieldRule(.text(limit)) }
}

/// The fields of one kind of record. The raw value is the field's name in documents, which does not change.
public protocol RecordField: CaseIterable, Hashable, Sendable, RawRepresentable where RawValue == String {
  /// What the field may hold, and whether it may leave.
  var rule: FieldRule { get }
}

/// What a field holds.
public enum FieldValue: Hashable, Sendable {
  /// A text.
  case text(String)
  /// A whole number.
  case number(Int64)
  /// Whole numbers.
  case numbers([Int64])
  /// Yes or no.
  case flag(Bool)
  /// A point in time.
  case time(UTCTime)

  /// The text, if it is one.
  public var text: String? { if case .text(let text) = self { text } else { nil } }
  /// The number, if it is one.
  public var number: Int64? { if case .number(let number) = self { number } else { nil } }
  /// The numbers, if it is some.
  public var numbers: [Int64]? { if case .numbers(let numbers) = self { numbers } else { nil } }
  /// The truth value, if it is one.
  public var flag: Bool? { if case .flag(let flag) = self { flag } else { nil } }
  /// The point in time, if it is one.
  public var time: UTCTime? { if case .time(let time) = self { time } else { nil } }
}

extension FieldRule {
  /// The points in time that documents have room for: to the end of the year 9999.
  static let times: ClosedRange<Int64> = 0...253_402_300_799

  /// The value as the rule has it, with texts in one line and cut; `nil` for what does not fit.
  func fitted(_ value: FieldValue) -> FieldValue? {
    switch (kind, value) {
    case (.text(let limit), .text(let text)):
      let cleaned = SafeText.cleaned(text, atMost: limit)
      return cleaned.isEmpty ? nil : .text(cleaned)
    case (.number(let range), .number(let number)): return range.contains(number) ? value : nil
    case (.numbers(let limit), .numbers(let numbers)):
      let ordered = Set(numbers.filter { $0 >= 0 }).sorted()
      return ordered.isEmpty || ordered.count > limit ? nil : .numbers(ordered)
    case (.flag, .flag): return value
    case (.time, .time(let time)): return Self.times.contains(time.seconds) ? value : nil
    case (.digest, .text(let text)): return Digest256(hex: text).map { .text($0.hex) }
    default: return nil
    }
  }

  /// The value that JSON in a document stands for; `nil` for what no document has.
  func value(_ json: ExchangeValue) -> FieldValue? {
    switch kind {
    case .text(let limit):
      guard let text = json.text, !text.isEmpty, SafeText.isClean(text, atMost: limit) else { return nil }
      return .text(text)
    case .number, .numbers, .flag, .time, .digest:
      guard let value = Self.plainValue(json), fitted(value) == value else { return nil }
      return value
    }
  }

  private static func plainValue(_ json: ExchangeValue) -> FieldValue? {
    switch json {
    case .flag(let flag): .flag(flag)
    case .number: json.integer.map { .number($0) }
    case .text(let text): UTCTime(text).map { .time($0) } ?? .text(text)
    case .list(let list):
      list.allSatisfy { $0.integer != nil } ? .numbers(list.compactMap(\.integer)) : nil
    case .null, .object: nil
    }
  }

  /// The value that an attribute of a server or a line of another program stands for, read with tolerance: wrapped or
  /// not, numbers and flags also as texts, dates also without a time of day.
  func foreignValue(_ json: ExchangeValue) -> FieldValue? {
    let json = json.unwrapped
    let value: FieldValue? =
      switch kind {
      case .text, .digest: (json.text ?? json.integer.map(String.init)).map { .text($0) }
      case .number: (json.integer ?? json.text.flatMap { Int64($0) }).map { .number($0) }
      case .numbers: json.elements.map { .numbers($0.compactMap(\.integer)) }
      case .flag: (json.flag ?? json.integer.map { $0 != 0 }).map { .flag($0) }
      case .time: json.text.flatMap(ForeignTime.read).map { .time($0) }
      }
    return value.flatMap(fitted)
  }
}

extension FieldValue {
  func write(to output: inout [UInt8]) {
    switch self {
    case .text(let text): JSONText.write(text, to: &output)
    case .number(let number): output += String(number).utf8
    case .numbers(let numbers): output += "[\(numbers.map(String.init).joined(separator: ","))]".utf8
    case .flag(let flag): output += (flag ? "true" : "false").utf8
    case .time(let time): JSONText.write(time.text, to: &output)
    }
  }
}
