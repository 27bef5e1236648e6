import Console
import MirrorTypes
import Parcels

/// Parcels as people read them.
package enum ParcelView {
  package static func show(_ report: ParcelListReport) {
    if !report.sent.isEmpty {
      let rows = report.sent.map { parcel in
        [
          parcel.direction == .fromSite ? "parcel" : "delivery for \(parcel.site)", "\(parcel.number)",
          Timestamp.local(parcel.made), kinds(parcel.carries), Words.bytes(parcel.bytes),
          parcel.written.map(Timestamp.local) ?? "not yet", arrival(parcel),
        ]
      }
      let head = ["made here", "number", "made", "carries", "size", "written", "arrived"]
      Console.lines(Console.table([head] + rows, rightAligned: [1, 4], below: [2, 3, 5]))
    }
    if !report.taken.isEmpty {
      if !report.sent.isEmpty { Console.line() }
      Console.lines(table(report.taken))
    }
    for missing in report.missing { Console.line(missing.text) }
    if report.sent.isEmpty && report.taken.isEmpty { Console.line("there are no parcels here") }
  }

  private static func arrival(_ parcel: SentParcel) -> String {
    guard let time = parcel.acknowledged else { return "not known" }
    return Timestamp.local(time) + (parcel.isUsed ? ", and was used" : "")
  }

  /// Parcels that have come.
  package static func table(_ parcels: [TakenParcel]) -> String {
    let rows = parcels.map { parcel in
      [
        parcel.direction == .fromSite ? "parcel of \(parcel.site)" : "delivery", "\(parcel.number)",
        Timestamp.local(parcel.made), Timestamp.local(parcel.received),
        Words.bytes(parcel.bytes), kinds(parcel.carries), parcel.consumed.isEmpty ? "no" : kinds(parcel.consumed),
        parcel.isKept ? parcel.isSetAside ? "set aside" : "yes" : "no",
      ]
    }
    let head = ["came", "number", "made", "came here", "size", "carries", "used", "kept"]
    return Console.table([head] + rows, rightAligned: [1, 4], below: [2, 5, 6, 7])
  }

  private static func kinds(_ kinds: some Sequence<CustomStringConvertible>) -> String {
    kinds.map(\.description).joined(separator: ", ")
  }
}
