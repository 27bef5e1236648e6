import JobCore
import Journal
import Trust

extension AuditNote {
  /// What is done with a parcel.
  static func parcel(_ text: String, _ signed: SignedParcelHeader, size: Int64) -> AuditNote {
    let header = signed.header
    return parcel(
      text,
      site: header.site,
      number: header.number,
      [
        "carries": .string(header.carries.map(\.rawValue).joined(separator: " ")), "bytes": .integer(size),
        "sha256": .string(signed.digest.hex),
      ]
    )
  }

  /// What is done with a parcel of which no more is known.
  package static func parcel(
    _ text: String,
    site: String,
    number: Int64,
    _ facts: [String: JournalValue] = [:]
  ) -> AuditNote {
    AuditNote(.parcel, text, facts.merging(["site": .string(site), "number": .integer(number)]) { first, _ in first })
  }
}
