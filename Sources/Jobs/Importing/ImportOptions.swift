import SystemPackage

extension ImportJob {
  /// What a person chooses for one run.
  package struct Options: Sendable {
    /// The snapshot to import, if several bundles are there; `nil` is the newest.
    package var snapshot: Int?
    /// Whether a bundle that is older than what is here is imported.
    package var allowOlder: Bool
    /// Whether a snapshot is published that somebody went back from.
    package var again: Bool
    /// The version of metadata that is taken although it has expired.
    package var acceptExpired: Int?
    /// The name of this site; `nil`: what the configuration says.
    package var site: String?
    /// The folder that an evidence sheet is written to, if one is wanted.
    package var evidence: FilePath?
    /// Whether only to verify.
    package var dryRun: Bool
    /// Whether a medium is refused that holds what no manifest names.
    package var strict: Bool
    /// Whether a receipt is written to the medium.
    package var receipt: Bool
    /// Whether what was kept of incomplete bundles is removed first.
    package var forgetIncoming: Bool
    /// Whether the new release is asked for as an updater would before it is published.
    package var rehearse: Bool

    /// A choice.
    package init(
      snapshot: Int? = nil,
      allowOlder: Bool = false,
      again: Bool = false,
      acceptExpired: Int? = nil,
      site: String? = nil,
      evidence: FilePath? = nil,
      dryRun: Bool = false,
      strict: Bool = false,
      receipt: Bool = true,
      forgetIncoming: Bool = false,
      rehearse: Bool = false
    ) {
      self.snapshot = snapshot
      self.allowOlder = allowOlder
      self.again = again
      self.acceptExpired = acceptExpired
      self.site = site
      self.evidence = evidence
      self.dryRun = dryRun
      self.strict = strict
      self.receipt = receipt
      self.forgetIncoming = forgetIncoming
      self.rehearse = rehearse
    }
  }
}
