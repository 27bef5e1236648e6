/// Which way a parcel goes.
public enum ParcelDirection: String, Sendable, Hashable, Encodable {
  /// Out of a site, to the connected side: a *parcel* in the narrow sense.
  case fromSite = "parcel"
  /// From the connected side to one site: a *delivery*.
  case toSite = "delivery"

  /// What such a parcel is called.
  public var noun: String { rawValue }

  /// The same, of several.
  public var plural: String {
    switch self {
    case .fromSite: "parcels"
    case .toSite: "deliveries"
    }
  }
}
