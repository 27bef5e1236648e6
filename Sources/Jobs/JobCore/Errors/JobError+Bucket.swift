import ObjectBucket

extension JobError {
  /// A bucket that did not do what it was asked for.
  init(bucket error: BucketError) {
    let status: ExitStatus =
      switch error {
      case .denied: .permission
      case .clockSkew, .conflict, .refused, .malformed: .badAnswer
      case .noBucket, .noObject: .notOnServer
      case .contentRefused, .wrongContent: .wrongContent
      case .serverFault: .serverError
      case .tooLarge: .cannotCreate
      }
    self.init(status, "\(error)")
  }
}
