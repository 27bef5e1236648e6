import SystemPackage
import Trust

/// A parcel that could be believed.
public struct CollectedParcel: Sendable, Encodable {
  /// Its folder.
  public let folder: String
  /// The site.
  public let site: String
  /// The parcel's number.
  public let number: Int64
  /// What it carries.
  public let carries: [ParcelKind]
  /// The bytes of its sealed content.
  public let bytes: Int64
  /// How it stands to those that were known: `first`, `next`, `late`, `restored`, `same`, `too-old`.
  public let order: String
  /// Whether it was taken in, and was not here before.
  public let isTaken: Bool
  /// All that in a sentence.
  public let text: String

  init(_ signed: SignedParcelHeader, folder: FilePath, order: ParcelOrder, text: String) {
    self.folder = folder.string
    site = signed.header.site
    number = signed.header.number
    carries = signed.header.carries
    bytes = signed.header.payload.size
    self.order = order.rawValue
    isTaken = order.isTaken
    self.text = text
  }

  /// Tells it while something else is done.
  func tell(_ reporter: any JobReporter) {
    if order == ParcelOrder.restored.rawValue {
      reporter.warning("site-went-back", text)
    } else {
      reporter.information("parcel", text)
    }
  }
}

/// Numbers of a site's parcels that have not come.
public struct MissingParcels: Sendable, Encodable {
  /// The site.
  public let site: String
  /// The first and the last number of each stretch, ascending.
  public let ranges: [[Int64]]
  /// The same in a sentence.
  public let text: String

  init(site: String, _ numbers: NumberRanges) {
    self.site = site
    ranges = numbers.ranges.map { [$0.lowerBound, $0.upperBound] }
    text = "parcels of site \(site) that have not come: \(numbers.text)"
  }
}
