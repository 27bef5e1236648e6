import MirrorTypes

/// Why a parcel cannot be made, believed or opened.
package enum ParcelError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is there is no header of a parcel, and why.
  case notAParcel(String)
  /// A parcel of a format that this program is too old for.
  case tooNew(Int64)
  /// A header that its own key has not signed so, and why.
  case alteredHeader(String)
  /// A parcel of, or for, another site than it should be.
  case otherSite(String, expected: String)
  /// A parcel of another number than it should have.
  case otherNumber(Int64, expected: Int64)
  /// A header that is signed by another key than its sender's.
  case otherSigner(Fingerprint)
  /// A list of contents that is not the one that was signed, or no such list, and why.
  case alteredContents(String)
  /// A parcel that is sealed to another key than the one that is here.
  case wrongKey(sealedTo: String)
  /// Sealed bytes that are not those that were signed, or cannot be opened, and why.
  case alteredPayload(String)
  /// Sealed bytes that end too soon.
  case cutShort(has: Int64, of: Int64)
  /// A key that nothing can be sealed to.
  case unusableKey

  /// The failure in words.
  package var description: String {
    switch self {
    case .notAParcel(let why): "this is not a parcel: \(why)"
    case .tooNew(let format): "a parcel of format \(format), which needs a newer kscmirror"
    case .alteredHeader(let why): "the parcel's header cannot be trusted: \(why)"
    case .otherSite(let site, let expected): "a parcel of or for site '\(site)', not '\(expected)'"
    case .otherNumber(let number, let expected): "a parcel of number \(number), not \(expected)"
    case .otherSigner(let fingerprint): "the parcel is signed by another key than its sender's: \(fingerprint)"
    case .alteredContents(let why): "the parcel's list of contents is not the one that was signed: \(why)"
    case .wrongKey(let id): "the parcel is sealed to another key than is here: \(id)"
    case .alteredPayload(let why): "the parcel's sealed content was changed: \(why)"
    case .cutShort(let has, let size):
      "the parcel's sealed content is cut short: \(has) of \(Words.exactBytes(size)) are there"
    case .unusableKey: "nothing can be sealed to this key"
    }
  }
}
