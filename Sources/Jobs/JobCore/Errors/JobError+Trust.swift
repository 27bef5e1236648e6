import Trust

extension JobError {
  /// What makes metadata untrusted, with the words of whoever holds it.
  ///
  /// - Parameters:
  ///   - error: what is wrong.
  ///   - place: where the metadata lies, for the message.
  package init(trust error: TrustError, at place: String) {
    switch error {
    case .source(_, let cause), .cache(_, let cause):
      self.init(translating: cause)
    case .unknownKey:
      self.init(
        .unknownKey,
        "\(place): \(error)",
        remedy:
          "If the connected side made new keys from nothing, trust its root anew with 'kscmirror trust add --replace'. Else somebody else made this."
      )
    case .tooFewSignatures:
      self.init(
        .tooFewSignatures,
        "\(place): \(error)",
        remedy: "Make the bundle again on the connected side. If it stays so, somebody has changed it on the way."
      )
    case .expired(let file, _, let version):
      self.init(.expired, "\(place): \(error)", remedy: Self.remedyForExpired(file, version))
    case .rollback, .noLongerListed:
      self.init(
        .olderBundle,
        "\(place): \(error)",
        remedy:
          "Take a newer bundle; somebody may be replaying an old one. To go back on purpose: 'kscmirror rollback'."
      )
    case .missing, .tooLarge, .wrongLength, .wrongHash, .malformed, .wrongVersion, .notListed:
      self.init(
        .damagedBundle,
        "\(place): \(error)",
        remedy: "Copy it from the connected side again; nothing was published here."
      )
    }
  }

  private static func remedyForExpired(_ file: String, _ version: Int) -> String {
    "See that this server's clock is right: it says \(MetadataTime.text(WallClock.seconds)). Take a newer bundle, or accept this one with --accept-expired and the version that 'kscmirror inspect' shows."
  }

  /// A private key that cannot be used.
  package init(key error: KeyError, file: String) { self.init(.keyUnusable, "\(file): \(error)") }
}
