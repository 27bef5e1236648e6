import JobCore
import MirrorTypes
import Parcels
import SiteDocuments
import StrictJSON
import Trust

/// What a parcel holds for KSN, all of which fits together.
struct KSNParcelContent {
  let document: KSNDocument
  let documentBytes: [UInt8]
  /// The bodies of statistics by their names.
  let bodies: [(name: String, bytes: [UInt8])]

  private static let maximumSize = JSONLimits.document.bytes + StatisticsSpool.maximumTotal

  /// Reads a parcel.
  ///
  /// - Throws: an error with ``ExitStatus/badParcel`` for a parcel whose document is about another site or lists other
  ///   bodies than lie beside it.
  init(_ reader: ParcelReader, site: String, number: Int64) throws {
    let name = "\(KSNDocument.fileName) in parcel \(number) of \(site)"
    var document: [UInt8]?
    var bodies: [(name: String, bytes: [UInt8])] = []
    for (path, bytes) in try reader.documents(of: .ksn, atMost: Self.maximumSize) {
      if path.is(KSNDocument.fileName) {
        document = bytes
      } else if let body = StatisticsPath.name(ofPath: path.string) {
        bodies.append((body, bytes))
      } else {
        throw JobError(.badParcel, "parcel \(number) of \(site) holds \(path), which belongs to nothing")
      }
    }
    guard let document else {
      throw JobError(.badParcel, "parcel \(number) of \(site) holds no \(KSNDocument.fileName)")
    }
    documentBytes = document
    self.document = try KSNDocument(parsing: document, name: name)
    self.bodies = bodies
    guard self.document.site == site else {
      throw JobError(.badParcel, "\(name) is about another site, '\(self.document.site)'")
    }
    let told = Dictionary(
      self.document.statistics.map { ($0.name, $0.digest) },
      uniquingKeysWith: { first, _ in first }
    )
    guard told.count == self.document.statistics.count, told.count == bodies.count,
      bodies.allSatisfy({ told[$0.name] == .some(Digest256(hashing: $0.bytes)) })
    else { throw JobError(.badParcel, "\(name) lists other bodies of statistics than are there") }
  }
}
