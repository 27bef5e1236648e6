import SystemPackage
import Trust

extension JobError {
  /// What is wrong with the parcel in the folder `place`.
  init(parcel error: ParcelError, at place: FilePath) {
    let again =
      "Somebody, or the medium, has changed it. Have 'kscmirror parcel send' write it again at the site; nothing of it was taken."
    let message = "\(place): \(error)"
    switch error {
    case .notAParcel, .alteredHeader, .alteredContents, .alteredPayload, .otherSite, .otherNumber:
      self.init(.badParcel, message, remedy: again)
    case .tooNew: self.init(.badParcel, message, remedy: "Update kscmirror on this side.")
    case .otherSigner:
      self.init(
        .unknownKey,
        message,
        remedy:
          "If the site was set up anew, take in its receipt with 'kscmirror collect --replace --fingerprint' first. Else somebody else made it."
      )
    case .wrongKey:
      self.init(
        .keyUnusable,
        message,
        remedy:
          "It was sealed for another connected side, or the key was lost: put keys/sealing-ID.key back, or have its content exported again at the site after its next import."
      )
    case .cutShort:
      self.init(
        .incompleteParcel,
        message,
        remedy: "Copy all of its folder again, or have 'kscmirror parcel send' write it again; nothing of it was taken."
      )
    case .unusableKey: self.init(.keyUnusable, message)
    }
  }
}

/// Runs `body`, and turns what is wrong with the parcel in the folder `place` into a job's error.
func translatingParcelErrors<Result>(at place: FilePath, _ body: () throws -> Result) throws(JobError) -> Result {
  do {
    return try body()
  } catch let error as ParcelError {
    throw JobError(parcel: error, at: place)
  } catch {
    throw JobError(translating: error)
  }
}
