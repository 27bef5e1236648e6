import SystemPackage
import TestSupport
import Testing

/// Whom a host trusts, where its own list is not where libcurl looks for it.
@Suite struct AuthorityTests {
  private func sync(_ world: World, _ variables: String...) async throws -> Outcome {
    try await world.run(
      variables + [World.program, "sync", "--config", world.configuration.string],
      program: "/usr/bin/env"
    )
  }

  @Test func `the host's list is the one that SSL_CERT_FILE or SSL_CERT_DIR names`() async throws {
    let world = try World(files: 12)
    try world.configure(trusted: false)
    #expect(try await sync(world).status == Exit.notTrusted)
    let other = try TestAuthority(in: world.folder.path, name: "Other Authority")
    #expect(try await sync(world, "SSL_CERT_FILE=\(other.certificate)").status == Exit.notTrusted)
    let trusting = try await sync(world, "SSL_CERT_FILE=\(world.authority.certificate)")
    #expect(trusting.status == 0, "\(trusting.errors)")
    #expect(try await sync(world, "SSL_CERT_DIR=\(world.folder["temporary"])").status == Exit.notTrusted)
  }

  @Test func `an extra file is trusted beside the host's list, which it does not replace`() async throws {
    let world = try World(files: 12)
    let other = try TestAuthority(in: world.folder.path, name: "Other Authority")
    try world.configure(source: "ca = \"\(other.certificate)\"", trusted: false)
    #expect(try await sync(world).status == Exit.notTrusted)
    let beside = try await sync(world, "SSL_CERT_FILE=\(world.authority.certificate)")
    #expect(beside.status == 0, "\(beside.errors)")
    let missing = try await sync(world, "SSL_CERT_FILE=/nowhere.pem")
    #expect(missing.status == Exit.configuration && missing.errors.contains("/nowhere.pem"), "\(missing.errors)")
  }
}
