import JobCore
import MirrorTypes
import Trust

extension JobError {
  /// What is wrong with a parcel.
  init(parcel error: ParcelError, at place: ParcelFiles) {
    let message = "\(place.folder): \(error)"
    let (sending, isForUs) = Self.sending(place.direction)
    let again =
      "It was changed, by a person or by a failing stick. Have \(sending) write it again; nothing of it was collected."
    switch error {
    case .notAParcel, .alteredHeader, .alteredContents, .alteredPayload, .otherSite, .otherNumber:
      self.init(.badParcel, message, remedy: again)
    case .tooNew: self.init(.badParcel, message, remedy: "Update kscmirror on this side.")
    case .otherSigner:
      self.init(
        .unknownKey,
        message,
        remedy: isForUs
          ? "If the connected side has new keys, import its newest bundle first, and then collect this. Otherwise somebody else made it: do not trust it."
          : "If the site was installed again, collect its receipt with 'kscmirror collect --replace --fingerprint' first. Otherwise somebody else made it: do not trust it."
      )
    case .wrongKey:
      self.init(
        .keyUnusable,
        message,
        remedy: isForUs
          ? "It was sealed for another site, or the key was lost: put keys/sealing-ID.key back, or have the connected side collect this site's newest receipt, and make it again."
          : "It was sealed for another connected side, or the key was lost: put keys/sealing-ID.key back, or have its content exported again at the site after its next import."
      )
    case .cutShort:
      self.init(
        .incompleteParcel,
        message,
        remedy: "Copy all of its folder again, or have \(sending) write it again; nothing of it was collected."
      )
    case .unusableKey: self.init(.keyUnusable, message)
    }
  }

  /// What writes a parcel once more, and whether it goes to this side as a site.
  private static func sending(_ direction: ParcelDirection) -> (command: String, isForUs: Bool) {
    switch direction {
    case .fromSite: ("'kscmirror parcel send' at the site", false)
    case .toSite: ("'kscmirror parcel send --to SITE' on the connected side", true)
    }
  }
}

/// Runs `body`, and turns what is wrong with a parcel into a job's error.
func translatingParcelErrors<Result>(at place: ParcelFiles, _ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as ParcelError {
    throw JobError(parcel: error, at: place)
  } catch {
    throw error
  }
}
