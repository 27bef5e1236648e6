import MirrorTypes

/// Times in certificates and timestamps, as seconds since 1970.
enum SigningTime {
  /// Reads UTCTime (`250515103553Z`, of 1950 to 2049) or GeneralizedTime (`20251111002749.7823427Z`); `nil` for what is
  /// none.
  static func seconds(_ text: some Collection<UInt8>, tag: UInt8) -> Int64? {
    let bytes = Array(text)
    let isShort = tag == DERReader.Tag.utcTime
    let width = isShort ? 2 : 4
    guard isShort || tag == DERReader.Tag.generalizedTime, bytes.count >= width + 11, bytes.last == UInt8(ascii: "Z"),
      let written = UTCTime.number(bytes[..<width]), isFraction(bytes[(width + 10)...], allowed: !isShort)
    else { return nil }
    let parts = (0..<5).map { UTCTime.number(bytes[(width + 2 * $0)..<(width + 2 * $0 + 2)]) ?? -1 }
    let year = isShort ? (written < 50 ? 2000 : 1900) + written : written
    return UTCTime(year: year, month: parts[0], day: parts[1], hour: parts[2], minute: parts[3], second: parts[4])?
      .seconds
  }

  /// Whether what follows the seconds is the Z, or a fraction and the Z.
  private static func isFraction(_ rest: ArraySlice<UInt8>, allowed: Bool) -> Bool {
    if rest.count == 1 { return true }
    guard allowed, rest.first == UInt8(ascii: "."), rest.count > 2 else { return false }
    return rest.dropFirst().dropLast().allSatisfy { (0x30...0x39).contains($0) }
  }
}
