import MirrorTypes

extension DERValue {
  /// The point in time that it is: UTCTime (`250515103553Z`, of 1950 to 2049) or GeneralizedTime
  /// (`20251111002749.7823427Z`), whose fraction may end in zeros, as timestamps of others have them; `nil` for what is
  /// none.
  package var time: UTCTime? {
    guard let bytes = content.map(Array.init) else { return nil }
    let isShort = tag == DERTag.utcTime
    let width = isShort ? 2 : 4
    guard isShort || tag == DERTag.generalizedTime, bytes.count >= width + 11, bytes.last == UInt8(ascii: "Z"),
      let written = UTCTime.number(bytes[..<width]),
      Self.isFraction(bytes[(width + 10)...], allowed: !isShort)
    else { return nil }
    let parts = (0..<5).map { UTCTime.number(bytes[(width + 2 * $0)..<(width + 2 * $0 + 2)]) ?? -1 }
    let year = isShort ? (written < 50 ? 2000 : 1900) + written : written
    return UTCTime(year: year, month: parts[0], day: parts[1], hour: parts[2], minute: parts[3], second: parts[4])
  }

  /// Whether what follows the seconds is the Z, or a fraction and the Z.
  private static func isFraction(_ rest: ArraySlice<UInt8>, allowed: Bool) -> Bool {
    if rest.count == 1 { return true }
    guard allowed, rest.first == UInt8(ascii: "."), rest.count > 2 else { return false }
    return rest.dropFirst().dropLast().allSatisfy { (0x30...0x39).contains($0) }
  }
}
