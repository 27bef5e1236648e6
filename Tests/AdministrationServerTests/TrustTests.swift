import AdministrationServer
import AdministrationServerDouble
import Curl
import TestSupport
import Testing
import WebExchange

@Suite struct TrustTests {
  @Test func `a server that is not trusted gets no password`() async throws {
    let world = try World()
    let other = try TestAuthority(in: world.folder.path, name: "Other Authority")
    for trust in [WebTrust.authorities(), .authorities(caFile: other.certificate), .certificate(other.certificate)] {
      let error = try await failure { try await world.server(trust: { $0.trust = trust }).ping() }
      guard case .unreachable(_, let error as TransferError) = error, error.kind == .trust else { throw error }
    }
    #expect(world.double.calls.isEmpty)
  }

  @Test func `a server is trusted for its one certificate, under any name if wanted`() async throws {
    let world = try World(host: "ksc.plant.example")
    let file = world.folder["ksc.plant.example.pem"]
    try Command.run(
      "openssl",
      ["x509", "-in", file.string, "-outform", "der", "-out", world.folder["klserver.cer"].string]
    )
    for file in [file, world.folder["klserver.cer"]] {
      try await world.server(trust: { $0.trust = .certificate(file, checksHostName: false) }).ping()
      let error = try await failure { try await world.server(trust: { $0.trust = .certificate(file) }).ping() }
      guard case .unreachable(_, let error as TransferError) = error, error.kind == .trust else { throw error }
    }
  }
}
