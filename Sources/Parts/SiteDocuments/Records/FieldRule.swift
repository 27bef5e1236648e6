import Languages
import MirrorTypes
import StrictJSON

/// What a field may hold, and what of it may leave a site: a line of the one table that the redaction, the list at the
/// gate and the manual follow.
///
/// A text leaves by itself only where its form is checked. There is no way to write down a free text that does.
package struct FieldRule: Hashable, Sendable {
  /// What a field may hold.
  package enum Kind: Hashable, Sendable {
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

  /// Whether a value may leave a site, and what it is counted as in the list at the gate.
  package enum Privacy: Hashable, Sendable {
    /// It may.
    case open
    /// It names, or may name, a person, an organisation or an address: it leaves only when asked for.
    case personal
    /// It names a device: it leaves when asked for. A pseudonym may take its place.
    case device
    /// It names the Administration Server: it leaves when devices do, and as a pseudonym when they do so.
    case server
    /// Somebody at the site has chosen it as a name by which this very thing is sent: it leaves, and the list at the gate
    /// says that nobody has checked it.
    case chosen
  }

  /// What takes the place of a text that may not leave.
  package enum StandIn: Hashable, Sendable {
    /// Nothing.
    case nothing
    /// A pseudonym of the site's, ``SiteSecret/pseudonym(of:kind:)``, of this kind.
    case pseudonym(String)
    /// The text's known words, with `…` in the place of the others.
    case knownWords
  }

  /// What the field may hold.
  package let kind: Kind
  /// What it is, in plain words for somebody who knows neither the program nor the vendor's products.
  package let word: FieldWord
  /// The form by which a text may leave; `nil`: none, it is free.
  package let form: TextForm?
  /// What a text that has not this form counts as; ``Privacy/open`` for what is not a text.
  package let names: Privacy
  /// What takes its place.
  package let standIn: StandIn

  private init(
    _ kind: Kind,
    _ word: FieldWord,
    form: TextForm? = nil,
    names: Privacy = .open,
    standIn: StandIn = .nothing
  ) {
    self.kind = kind
    self.word = word
    self.form = form
    self.names = names
    self.standIn = standIn
  }

  /// A text that leaves if it has a form.
  ///
  /// - Parameter standIn: what takes its place if it has not.
  static func text(_ limit: Int, _ word: FieldWord, _ form: TextForm, else standIn: StandIn = .nothing) -> FieldRule {
    FieldRule(.text(limit), word, form: form, names: .personal, standIn: standIn)
  }
  /// A text that may be anything, and names, or may name, somebody or something.
  static func free(_ limit: Int, _ word: FieldWord) -> FieldRule { FieldRule(.text(limit), word, names: .personal) }
  /// The name of a device.
  static func device(_ limit: Int, _ word: FieldWord) -> FieldRule { FieldRule(.text(limit), word, names: .device) }
  /// The name of the Administration Server.
  static func server(_ limit: Int, _ word: FieldWord) -> FieldRule {
    FieldRule(.text(limit), word, names: .server, standIn: .pseudonym("server"))
  }
  /// A name that somebody at the site has chosen for what is sent.
  static func chosen(_ limit: Int, _ word: FieldWord) -> FieldRule { FieldRule(.text(limit), word, names: .chosen) }
  /// Counts of what an Administration Server counts.
  static func count(_ word: FieldWord) -> FieldRule { FieldRule(.number(0...Int64(Int32.max)), word) }
  /// A whole number.
  static func number(_ range: ClosedRange<Int64>, _ word: FieldWord) -> FieldRule { FieldRule(.number(range), word) }
  /// Whole numbers.
  static func numbers(_ limit: Int, _ word: FieldWord) -> FieldRule { FieldRule(.numbers(limit), word) }
  /// A point in time.
  static func time(_ word: FieldWord) -> FieldRule { FieldRule(.time, word) }
  /// Yes or no.
  static func flag(_ word: FieldWord) -> FieldRule { FieldRule(.flag, word) }
  /// The SHA-256 of something.
  static func digest(_ word: FieldWord) -> FieldRule { FieldRule(.digest, word) }
}

extension FieldRule {
  /// Whether a value may leave as it is, without being asked for.
  package func mayLeave(_ value: FieldValue) -> Bool {
    guard case .text = kind else { return true }
    guard let text = value.text else { return false }
    return names == .chosen || form?.admits(text) == true
  }

  /// What a value counts as that stands in a document: ``Privacy/open`` also for what was put in the place of another.
  package func privacy(of value: FieldValue) -> Privacy {
    guard case .text = kind, let text = value.text else { return .open }
    if form?.admits(text) == true || isStandIn(text) { return .open }
    return names
  }

  private func isStandIn(_ text: String) -> Bool {
    switch standIn {
    case .nothing: names == .device && SiteSecret.isPseudonym(text, kind: "device")
    case .pseudonym(let kind): SiteSecret.isPseudonym(text, kind: kind)
    case .knownWords: KnownWords.areAll(in: text, orLeftOut: true)
    }
  }

  /// What takes the place of a text that may not leave; `nil` for nothing.
  ///
  /// - Parameter secret: makes the pseudonyms; without it there are none.
  func standIn(for value: FieldValue?, _ secret: SiteSecret?) -> FieldValue? {
    guard let text = value?.text else { return nil }
    switch standIn {
    case .nothing: return nil
    case .pseudonym(let kind): return secret.map { .text($0.pseudonym(of: text, kind: kind)) }
    case .knownWords: return KnownWords.kept(of: text).map { .text($0) }
    }
  }
}

/// The fields of one kind of record. The raw value is the field's name in documents, which does not change.
package protocol RecordField: CaseIterable, Hashable, Sendable, RawRepresentable where RawValue == String {
  /// What the field may hold, and whether it may leave.
  var rule: FieldRule { get }
}

/// What a field holds.
package enum FieldValue: Hashable, Sendable {
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
  package var text: String? { if case .text(let text) = self { text } else { nil } }
  /// The number, if it is one.
  package var number: Int64? { if case .number(let number) = self { number } else { nil } }
  /// The numbers, if it is some.
  package var numbers: [Int64]? { if case .numbers(let numbers) = self { numbers } else { nil } }
  /// The truth value, if it is one.
  package var flag: Bool? { if case .flag(let flag) = self { flag } else { nil } }
  /// The point in time, if it is one.
  package var time: UTCTime? { if case .time(let time) = self { time } else { nil } }
}

extension FieldRule {
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
    // Documents have room for the years from 1970 to 9999.
    case (.time, .time(let time)): return time == time.writable ? value : nil
    case (.digest, .text(let text)): return Digest256(hex: text).map { .text($0.hex) }
    default: return nil
    }
  }

  /// The value that JSON in a document stands for; `nil` for what no document has.
  func value(_ json: JSONValue) -> FieldValue? {
    switch kind {
    case .text(let limit):
      guard let text = json.string, !text.isEmpty, SafeText.isClean(text, atMost: limit) else { return nil }
      return .text(text)
    case .number, .numbers, .flag, .time, .digest:
      guard let value = Self.plainValue(json), fitted(value) == value else { return nil }
      return value
    }
  }

  private static func plainValue(_ json: JSONValue) -> FieldValue? {
    switch json {
    case .bool(let flag): .flag(flag)
    case .integer(let number): .number(number)
    case .string(let text): UTCTime(text).map { .time($0) } ?? .text(text)
    case .array(let list):
      list.allSatisfy { $0.integer != nil } ? .numbers(list.compactMap(\.integer)) : nil
    case .null, .decimal, .object: nil
    }
  }

  /// The value that an attribute of a server or a line of another program stands for, read with tolerance: wrapped or
  /// not, numbers and flags also as texts, dates also without a time of day.
  func foreignValue(_ json: JSONValue) -> FieldValue? {
    let json = json.unwrapped
    let value: FieldValue? =
      switch kind {
      case .text, .digest: (json.string ?? json.integer.map(String.init)).map { .text($0) }
      case .number: (json.integer ?? json.string.flatMap { Int64($0) }).map { .number($0) }
      case .numbers: json.array.map { .numbers($0.compactMap(\.integer)) }
      case .flag: (json.bool ?? json.integer.map { $0 != 0 }).map { .flag($0) }
      case .time: json.string.flatMap(ForeignTime.read).map { .time($0) }
      }
    return value.flatMap(fitted)
  }
}

extension FieldValue {
  func write(to output: inout [UInt8]) {
    switch self {
    case .text(let text): JSONForm.visible.write(text, to: &output)
    case .number(let number): output += String(number).utf8
    case .numbers(let numbers): output += "[\(numbers.map(String.init).joined(separator: ","))]".utf8
    case .flag(let flag): output += (flag ? "true" : "false").utf8
    case .time(let time): JSONForm.visible.write(time.text, to: &output)
    }
  }
}
