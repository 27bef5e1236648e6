import Foundation
import Languages
import MirrorTypes
import SiteDocuments

/// A point in time by its text.
package func time(_ text: String) -> UTCTime {
  guard let time = UTCTime(text) else { preconditionFailure("\(text) is no time") }
  return time
}

/// Documents of a pretended site.
package enum Fixture {
  package static let made = time("2026-06-01T10:00:00Z")
  package static let secret = SiteSecret(Array(repeating: 7, count: 32))
  package static var header: LicenceHeader {
    LicenceHeader(site: "plant-7", made: made, source: .openAPI, program: "kscmirror")
  }

  /// A key that is good for a year more, with 7 of 10 devices.
  package static func key(_ serial: String = "1234-567890-ABCDEF01") -> LicenceKey {
    var key = LicenceKey(serial: serial)
    key[.product] = .text("Endpoint Security")
    key[.type] = .number(1)
    key[.expires] = .time(time("2027-06-01T00:00:00Z"))
    key[.limit] = .number(10)
    key[.inUse] = .number(7)
    key[.reserve] = .number(0)
    return key
  }

  package static func device(_ name: String, id: String? = nil) -> LicenceDevice {
    var device = LicenceDevice()
    device[.name] = .text(name)
    device[.id] = id.map { .text($0) }
    device[.product] = .text("KES")
    device[.current] = .flag(true)
    return device
  }

  package static var document: LicenceDocument {
    var document = LicenceDocument(header)
    document.keys = [key("B"), key("A"), key("C")]
    document.devices = ["A": [device("zeta"), device("alpha", id: "id-1")], "C": [device("beta")]]
    document.files = [
      LicenceKeyFile(name: "b.key", size: 2, digest: digest(2)),
      LicenceKeyFile(name: "a.key", size: 1, digest: digest(1)),
    ]
    return document
  }

  package static func digest(_ byte: UInt8) -> Digest256 {
    guard let digest = Digest256(bytes: Array(repeating: byte, count: 32)) else { preconditionFailure("32 bytes") }
    return digest
  }

  package static func bytes(_ document: LicenceDocument, _ redaction: Redaction = .keepingEverything) throws -> [UInt8]
  {
    try document.serialized(redaction).bytes
  }
}

/// What is wrong with a document, if that is the error.
package func problem(_ error: (any Error)?) -> DocumentProblem? {
  guard case .document(_, _, let problem)? = error as? ExchangeError else { return nil }
  return problem
}

/// The text of bytes.
package func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// The list at the gate of documents by their paths in a parcel.
package func words(_ documents: [String: [UInt8]], isDelivery: Bool = false, in language: Language = .english)
  throws -> String
{
  var words = ParcelWords(isDelivery: isDelivery, language: language)
  for (path, bytes) in documents.sorted(by: { $0.key < $1.key }) {
    words.begin(path, size: Int64(bytes.count))
    // In pieces, as files come.
    for start in stride(from: 0, to: bytes.count, by: 7000) {
      words.take(bytes[start..<min(start + 7000, bytes.count)])
    }
    words.end()
  }
  return words.lines.joined(separator: "\n")
}

/// The list without its line breaks, so that a sentence can be looked for.
package func sentences(_ documents: [String: [UInt8]], isDelivery: Bool = false) throws -> String {
  try words(documents, isDelivery: isDelivery).split(whereSeparator: \.isWhitespace).joined(separator: " ")
}

/// A document of licences as it lies in a parcel.
package func parcel(_ bytes: [UInt8]) -> [String: [UInt8]] { ["licence/\(LicenceDocument.fileName)": bytes] }
