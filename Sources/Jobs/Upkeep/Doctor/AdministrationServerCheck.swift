import JobCore
import ServerJobs

/// Whether one can sign in to the Administration Server.
struct AdministrationServerCheck: DoctorCheck {
  func findings(in patient: Patient) async -> [Finding] {
    guard let configuration = patient.configuration, configuration.administrationServer != nil else { return [] }
    do {
      let connection = try ServerConnection(patient.context)
      patient.reporter.report(.phase("asking \(connection.address)"))
      let version = try await connection.use { server in try await server.serverInfo().fullVersion }
      return [
        .ok(
          "administration-server",
          "\(connection.address) accepts the login\(version.map { "; it is version \($0)" } ?? "")"
        )
      ]
    } catch {
      return [.error("administration-server", JobError(error))]
    }
  }
}
