import Demand
import Sites
import Trust

/// Whether what this site says about its applications can be read, and is not too old.
struct DemandCheck: DoctorCheck {
  func findings(in patient: Patient) -> [Finding] {
    guard patient.store != nil else { return [] }
    return patient.found("demand.age") {
      guard let demand = try OwnDemand(patient.folders).read() else { return [] }
      let text = "the Administration Server was asked what its devices have at \(demand.asked.text)"
      guard patient.now.seconds(since: demand.asked) > DemandPlan.oldAge else { return [.ok("demand.age", text)] }
      return [
        .warning("demand.age", "\(text), more than a month ago", remedy: "Run 'kscmirror demand ask', best by cron.")
      ]
    }
  }
}
