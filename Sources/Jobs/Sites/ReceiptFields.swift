import BundleFormat
import JobCore
import MirrorTypes
import StoreTrust
import StrictJSON
import Trust

/// Reads the fields of a receipt, each within its bounds.
package struct ReceiptFields {
  package let object: JSONObject
  /// Where the receipt lies, for messages.
  package let place: String

  package init(object: JSONObject, place: String) {
    self.object = object
    self.place = place
  }

  func malformed(_ name: String) -> JobError {
    JobError(.badReceipt, "\(place): field '\(name)' of the receipt is missing or invalid")
  }

  func integer(_ name: String, _ range: ClosedRange<Int64>) throws -> Int64 {
    guard let number = object[name]?.integer, range.contains(number) else { throw malformed(name) }
    return number
  }

  func text(_ name: String, atMost limit: Int) throws -> String {
    guard let text = object[name]?.string, text.utf8.count <= limit else { throw malformed(name) }
    return text
  }

  func siteName(_ name: String) throws -> String {
    let text = try text(name, atMost: 64)
    guard SiteName.isValid(text) else { throw malformed(name) }
    return text
  }

  func time(_ name: String) throws -> UTCTime {
    guard let seconds = UTCTime(try text(name, atMost: 20)) else { throw malformed(name) }
    return seconds
  }

  func digest(_ name: String) throws -> ObjectDigest {
    guard let digest = ObjectDigest(hex: try text(name, atMost: 64)) else { throw malformed(name) }
    return digest
  }

  func fingerprint(_ name: String) throws -> Fingerprint {
    guard let fingerprint = Fingerprint(try text(name, atMost: 64)) else { throw malformed(name) }
    return fingerprint
  }

  /// A key that need not be there. One of a kind that only newer programs know is skipped.
  func sealingKey(_ name: String) throws -> SealingPublicKey? {
    guard let field = try self.object(name)?.object, SealingPublicKey.isKnown(field) else { return nil }
    guard let key = SealingPublicKey(field) else { throw malformed(name) }
    return key
  }

  /// What is reported about parcels that were collected, which need not be there.
  func answer(_ name: String) throws -> ParcelAnswer? {
    guard let field = try self.object(name)?.object else { return nil }
    guard let answer = ParcelAnswer(field) else { throw malformed(name) }
    return answer
  }

  func snapshot() throws -> Int {
    Int(try integer("snapshot", 1...Int64(BundleNames.maximumSnapshot)))
  }

  /// An object that need not be there.
  func object(_ name: String) throws -> ReceiptFields? {
    guard let value = object[name] else { return nil }
    guard let inner = value.object else { throw malformed(name) }
    return ReceiptFields(object: inner, place: place)
  }

  func objects(_ name: String, atMost limit: Int) throws -> [ReceiptFields] {
    guard let values = object[name]?.array, values.count <= limit else { throw malformed(name) }
    var inner: [ReceiptFields] = []
    for value in values {
      guard let object = value.object else { throw malformed(name) }
      inner.append(ReceiptFields(object: object, place: place))
    }
    return inner
  }
}
