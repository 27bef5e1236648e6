/// Which way a parcel goes.
package enum ParcelDirection: String, Sendable, Hashable, Encodable {
  /// Out of a site, to the connected side: a *parcel* in the narrow sense.
  case fromSite = "parcel"
  /// From the connected side to one site: a *delivery*.
  case toSite = "delivery"

  /// What such a parcel is called.
  package var noun: String { rawValue }

  /// The same, of several.
  package var plural: String {
    switch self {
    case .fromSite: "parcels"
    case .toSite: "deliveries"
    }
  }
}
