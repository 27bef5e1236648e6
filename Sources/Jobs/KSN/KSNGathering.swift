import AdministrationServer
import JobCore
import MirrorTypes
import ServerJobs
import SiteDocuments
import StrictJSON

/// Reads from the Administration Server how it stands with Kaspersky Security Network.
struct KSNGathering: InContext {
  let context: JobContext

  /// Reads all.
  ///
  /// - Returns: the document with what the server tells. A call that this version of the server does not have, or not
  ///   in this place, leaves its fields out and is reported.
  func adding(to document: KSNDocument) async throws -> KSNDocument {
    let connection = try ServerConnection(context)
    return try await connection.use { server in
      reporter.report(.phase("asking \(connection.address) for its state of KSN"))
      var document = document
      document.state[.serverVersion] = try await server.serverInfo().fullVersion.map { .text($0) }
      if let settings = try await optional("the proxy's settings", { try await server.ksnSettings() }) {
        let unreadable = document.take(settings: JSONObject(settings.attributes))
        if !unreadable.isEmpty {
          let names = unreadable.sorted().joined(separator: ", ")
          reporter.warning("unreadable", "values of other kinds than documented were left out: \(names)")
        }
      }
      try await check(server, &document)
      let needed = try await optional("NeedToSendStatistics") { try await server.mayTakeKSNStatistics() }
      document.state[.needsStatistics] = needed.map { .flag($0) }
      try await readPrivate(server, &document)
      document.licences = try await licences(server)
      return document
    }
  }

  /// Has the server try its connection. That it cannot is an answer too.
  private func check(_ server: AdministrationServer, _ document: inout KSNDocument) async throws {
    do {
      document.state[.connected] = .flag(try await server.checkKSNConnection())
    } catch {
      guard let fault = error.fault, [.notPermitted, .notFound, .other].contains(fault.kind) else {
        guard error.fault?.kind == .unknownCall else { throw error }
        return reporter.information("not-told", "the server does not report whether KSN can be reached: \(error)")
      }
      document.state[.connected] = .flag(false)
      document.state[.checkError] = .number(fault.code)
      reporter.information("ksn-check", "the server could not check its connection to KSN: \(fault)")
    }
    document.state[.checked] = .time(clock.now)
  }

  /// Statements and settings of a Private KSN: their texts as digests alone, and the provider by name.
  private func readPrivate(_ server: AdministrationServer, _ document: inout KSNDocument) async throws {
    let statements = try await optional("statements", { try await server.privateKSNStatements() }) ?? []
    for statement in statements.prefix(KSNDocument.maximumCount) {
      var record = KSNStatement()
      record[.name] = .text(KSNStatement.ofPrivateKSN)
      record[.language] = statement.language.map { .text($0) }
      record[.version] = statement.created.map { .text($0) }
      record[.sha256] = statement.text.map { .text(Digest256.sha256(of: $0.utf8).hex) }
      document.statements.append(record)
    }
    guard let language = statements.first?.language,
      let settings = try await optional(
        "settings of Private KSN",
        { () in
          try await server.privateKSNSettings(language: language)
        }
      )
    else { return }
    let bytes = try settings.json()
    var record = KSNConfiguration()
    record[.name] = .text(KSNConfiguration.onServer)
    record[.provider] = statements.first?.providerName.map { .text($0) }
    record[.size] = .number(Int64(bytes.count))
    record[.sha256] = .text(Digest256.sha256(of: bytes).hex)
    document.configurations.append(record)
  }

  /// The serial numbers, which a provider of Private KSN must be informed.
  private func licences(_ server: AdministrationServer) async throws -> [String] {
    let keys = try await optional("licences", { try await server.licences() }) ?? []
    let serials = keys.map { key in
      SiteDocuments.LicenceKey.read(attributes: JSONObject(key.attributes)).0.serial
    }
    return Array(Set(serials).filter { !$0.isEmpty }.sorted().prefix(10 * KSNDocument.maximumCount))
  }

  /// What a call gives; `nil` where this server does not have it.
  private func optional<Value>(
    _ what: String,
    _ call: () async throws -> Value
  ) async throws -> Value? {
    do {
      return try await call()
    } catch let error as AdministrationServerError {
      guard let kind = error.fault?.kind, [.unknownCall, .notPermitted, .notFound].contains(kind) else { throw error }
      reporter.information("not-told", "the server does not report \(what): \(error)")
      return nil
    }
  }
}
