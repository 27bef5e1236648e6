import Releases

/// Whether what is published can be read by the web server's user, or by anybody where none is named, and whether what is
/// not published is closed to others.
struct ReadersCheck: DoctorCheck {
  private static let name = "store.readers"
  private static let secrets = "store.secrets"

  func findings(in patient: Patient) -> [Finding] {
    guard let store = patient.store else { return [] }
    return patient.found(Self.secrets) {
      guard let (trouble, remedy) = try ReaderCheck(patient.context).exposure() else {
        return [.ok(Self.secrets, "what is not published is closed to others")]
      }
      return [.error(Self.secrets, trouble, remedy: remedy)]
    }
      + patient.found(Self.name) {
        guard try store.current() != nil else { return [] }
        let finding = try ReaderCheck(patient.context).finding()
        guard let trouble = finding.trouble else { return [.ok(Self.name, finding.words)] }
        let remedy = finding.remedy ?? ""
        // A store of which nobody has said that another user reads it works as it is.
        return [
          finding.mayBeMeant ? .warning(Self.name, trouble, remedy: remedy) : .error(Self.name, trouble, remedy: remedy)
        ]
      }
  }
}
