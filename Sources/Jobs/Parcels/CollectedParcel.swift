import FileSystem
import JobCore
import MirrorTypes
import StoreTrust
import SystemPackage
import Trust

/// A parcel that could be believed.
package struct CollectedParcel: Sendable, Encodable {
  /// Its folder.
  package let folder: String
  /// Which way it goes.
  package let direction: ParcelDirection
  /// The site that it is of, or for.
  package let site: String
  /// The parcel's number.
  package let number: Int64
  /// What it carries.
  package let carries: [ParcelKind]
  /// The bytes of its sealed content.
  package let bytes: Int64
  /// How it stands to those that were known: `first`, `next`, `late`, `restored`, `same`, `too-old`.
  package let order: String
  /// Whether it was collected, and was not here before.
  package let isTaken: Bool
  /// All that in a sentence.
  package let text: String

  init(_ signed: SignedParcelHeader, folder: Place, order: ParcelOrder, text: String) {
    self.folder = "\(folder)"
    direction = signed.header.direction
    site = signed.header.site
    number = signed.header.number
    carries = signed.header.carries
    bytes = signed.header.payload.size
    self.order = order.rawValue
    isTaken = order.isTaken
    self.text = text
  }

  /// Tells it while something else is done.
  package func tell(_ reporter: any JobReporter) {
    if order == ParcelOrder.restored.rawValue {
      reporter.warning(direction == .fromSite ? "site-went-back" : "sender-went-back", text)
    } else {
      reporter.information(direction.noun, text)
    }
  }
}

/// Numbers of parcels of or for a site that have not come.
package struct MissingParcels: Sendable, Encodable {
  /// Which way they go.
  package let direction: ParcelDirection
  /// The site.
  package let site: String
  /// The first and the last number of each stretch, ascending.
  package let ranges: [[Int64]]
  /// The same in a sentence.
  package let text: String

  init(_ direction: ParcelDirection, site: String, _ numbers: NumberRanges) {
    self.direction = direction
    self.site = site
    ranges = numbers.ranges.map { [$0.lowerBound, $0.upperBound] }
    text =
      "\(direction.plural) \(direction == .fromSite ? "of" : "for") site \(site) that are missing: \(numbers.text)"
  }
}
