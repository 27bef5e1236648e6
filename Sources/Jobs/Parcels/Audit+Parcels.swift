import JobCore
import Journal
import Trust

extension Audit {
  /// Notes what was done with a parcel.
  func noteParcel(_ text: String, _ signed: SignedParcelHeader, size: Int64) throws {
    let header = signed.header
    try noteParcel(
      text,
      site: header.site,
      number: header.number,
      [
        "carries": .string(header.carries.map(\.rawValue).joined(separator: " ")), "bytes": .integer(size),
        "sha256": .string(signed.digest.hex),
      ]
    )
  }

  /// Notes what was done with a parcel of which no more is known.
  package func noteParcel(
    _ text: String,
    site: String,
    number: Int64,
    _ facts: [String: JournalValue] = [:]
  ) throws {
    _ = try append(
      .parcel,
      .ok,
      text,
      facts.merging(["site": .string(site), "number": .integer(number)]) { first, _ in first }
    )
  }
}
