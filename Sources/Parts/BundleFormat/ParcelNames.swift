import MirrorTypes

/// The names of a parcel on a medium, and in it: what FAT and NTFS take (kscmirror-bundle(5)).
package struct ParcelNames: Sendable, Hashable {
  /// Which way it goes.
  package let direction: ParcelDirection
  /// The site that it is of, or for.
  package let site: String
  /// The parcel's number.
  package let number: Int64

  /// The signed header.
  package static let header = "parcel.json"
  /// The plain-text list of contents.
  package static let contents = "CONTENTS.txt"
  /// The sealed content; it may lie in pieces.
  package static let payload = "payload.sealed"

  private static let digits = 6
  private static let partialMark = ".part"
  private static let removedMark = ".old"

  private static func prefix(_ direction: ParcelDirection) -> String { "kscmirror-\(direction.noun)-" }

  /// The names of a parcel of a site, or for one.
  package init(_ direction: ParcelDirection, site: String, number: Int64) {
    self.direction = direction
    self.site = site
    self.number = number
  }

  /// Reads the name of a parcel's folder; `nil` for what is none.
  package init?(folder name: String) {
    let direction = [ParcelDirection.fromSite, .toSite].first { name.hasBytePrefix(Self.prefix($0)) }
    guard let direction, let rest = name.removing(prefix: Self.prefix(direction)),
      let hyphen = rest.utf8.lastIndex(of: UInt8(ascii: "-")),
      let number = Int64(rest[rest.utf8.index(after: hyphen)...]),
      SiteName.isValid(String(rest[..<hyphen])), number > 0
    else { return nil }
    self.init(direction, site: String(rest[..<hyphen]), number: number)
    guard folder.utf8.elementsEqual(name.utf8) else { return nil }
  }

  /// Reads the name of a parcel's folder, also of one that a copy has left in capitals; `nil` for what is none.
  package init?(folderOfAnyCase name: String) {
    guard let names = ParcelNames(folder: name) ?? ParcelNames(folder: name.lowercased()) else { return nil }
    self = names
  }

  /// The parcel's folder: `kscmirror-parcel-plant-7-000012`, or `kscmirror-delivery-plant-7-000012`.
  package var folder: String { "\(Self.prefix(direction))\(site)-\(Self.text(of: number))" }

  /// The folder while it is being written.
  package var partial: String { folder + Self.partialMark }

  /// The folder while it is being removed.
  package var removed: String { folder + Self.removedMark }

  /// A number with six digits at least.
  package static func text(of number: Int64) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  /// Whether a name is that of a parcel's folder while it is written or removed: what an interrupted run leaves.
  package static func isLeftover(_ name: String) -> Bool {
    [partialMark, removedMark].contains {
      name.removing(suffix: $0).map { ParcelNames(folder: $0) != nil } ?? false
    }
  }

  /// Whether a name is that of a file that a parcel's folder may have.
  package static func isPart(_ name: String) -> Bool {
    [header, contents, contents.lowercased()].contains(name) || VolumeFileName(name).whole.text == payload
  }
}
