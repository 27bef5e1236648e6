/// Times in certificates and timestamps, as seconds since 1970.
enum SigningTime {
  /// Reads UTCTime (`250515103553Z`, of 2000 to 2049) or GeneralizedTime (`20251111002749.7823427Z`); `nil` for what is
  /// none.
  static func seconds(_ text: some Collection<UInt8>, tag: UInt8) -> Int64? {
    let bytes = Array(text)
    let yearDigits = tag == DERReader.Tag.utcTime ? 2 : tag == DERReader.Tag.generalizedTime ? 4 : 0
    guard yearDigits > 0, bytes.count >= yearDigits + 11, bytes.last == UInt8(ascii: "Z") else { return nil }
    var position = 0
    func number(_ count: Int) -> Int64? {
      defer { position += count }
      var value: Int64 = 0
      for byte in bytes[position..<(position + count)] {
        guard (0x30...0x39).contains(byte) else { return nil }
        value = value * 10 + Int64(byte - 0x30)
      }
      return value
    }
    guard let shortYear = number(yearDigits), let month = number(2), let day = number(2), let hour = number(2),
      let minute = number(2), let second = number(2), (1...12).contains(month), (1...31).contains(day), hour < 24,
      minute < 60, second < 61, isFraction(bytes[position...], allowed: yearDigits == 4)
    else { return nil }
    let year = yearDigits == 2 ? (shortYear < 50 ? 2000 : 1900) + shortYear : shortYear
    return days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
  }

  /// Whether what follows the seconds is the Z, or a fraction and the Z.
  private static func isFraction(_ rest: ArraySlice<UInt8>, allowed: Bool) -> Bool {
    if rest.count == 1 { return true }
    guard allowed, rest.first == UInt8(ascii: "."), rest.count > 2 else { return false }
    return rest.dropFirst().dropLast().allSatisfy { (0x30...0x39).contains($0) }
  }

  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month > 2 ? year : year - 1
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
