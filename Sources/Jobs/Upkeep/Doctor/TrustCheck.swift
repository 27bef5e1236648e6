import Collecting
import Trust

/// Whose bundles an isolated site takes, and when the last one expires.
struct TrustCheck: DoctorCheck {
  func findings(in patient: Patient) -> [Finding] {
    guard patient.store != nil else { return [] }
    guard patient.isTrusting else {
      guard !patient.isConnected else { return [] }
      return [
        .error(
          "trust.root",
          "no root is trusted yet, so no bundle can be imported",
          remedy: "Trust the connected side's root with 'kscmirror trust add', by its fingerprint."
        )
      ]
    }
    return patient.found("trust.root") {
      let trust = try TrustJob(patient.context).show()
      var findings = [
        Expiry(
          name: "trust.root",
          what: "the root that is trusted",
          remedy:
            "Have the connected side sign a new one with 'kscmirror keys rotate root'; the next bundle brings it.",
          early: 60 * 86_400
        ).finding(trust.rootExpires, now: patient.now)
      ]
      if let expires = trust.expires {
        findings.append(
          Expiry(
            name: "trust.expiry",
            what: "what was imported last",
            remedy: "Bring a newer bundle, and look at this server's clock.",
            early: 7 * 86_400
          ).finding(expires, now: patient.now)
        )
      }
      return findings
    }
  }
}
