import AdministrationServer
import struct AdministrationServer.ServerKSNStatement
import JobCore
import MirrorConfiguration
import MirrorTypes
import ServerJobs
import SiteDocuments
import SystemPackage

/// Has the Administration Server verify a configuration of Private KSN, and tells what is in it. Nothing is changed: the
/// Open API documents no call that sets a configuration.
package struct KSNVerifyJob: Sendable, InContext {
  package let context: JobContext
  private let file: FilePath
  private let language: String

  /// A job.
  ///
  /// - Parameters:
  ///   - file: the configuration of Private KSN, PKCS #7.
  ///   - language: in which language its statement is asked for.
  package init(_ context: JobContext, file: FilePath, language: String) {
    self.context = context
    self.file = file
    self.language = language
  }

  /// Has it verified.
  ///
  /// - Throws: an error with ``ExitStatus/wrongContent`` for a file that is no such configuration, or that the server
  ///   does not take for genuine.
  package func run() async throws -> KSNVerifyReport {
    let outside = try PrivateConfiguration(file: file)
    let bytes = try PrivateConfiguration.bytes(of: file)
    let connection = try ServerConnection(context)
    return try await connection.use { server in
      reporter.report(.phase("having \(connection.address) verify \(file)"))
      let statement = try await genuine {
        try await server.verifyPrivateKSNConfiguration(bytes, language: language)
      }
      let content = try await genuine { try await server.privateKSNConfigurationContents(bytes) }
      guard statement != nil || content != nil else {
        throw JobError(.badAnswer, "\(connection.address): this server has no call that verifies a configuration")
      }
      return KSNVerifyReport(file, outside, statement, content)
    }
  }

  /// What a call gives; `nil` where this server does not have it.
  private func genuine<Value>(_ call: () async throws -> Value) async throws -> Value? {
    do {
      return try await call()
    } catch let error as AdministrationServerError {
      guard let fault = error.fault else { throw error }
      switch fault.kind {
      case .unknownCall, .notPermitted:
        reporter.information("not-told", "the server gives no answer: \(error)")
        return nil
      case .badFormat, .notFound, .other:
        throw JobError(
          .wrongContent,
          "\(file): the Administration Server does not take it: \(error)",
          remedy: "Ask its provider for the configuration again, or another --language; nothing was changed."
        )
      case .accessDenied, .unavailable, .limited, .signInFailed, .activationServer: throw error
      }
    }
  }
}

/// What is in a configuration of Private KSN that was verified.
package struct KSNVerifyReport: Sendable, Encodable {
  /// The file.
  package let file: String
  /// The SHA-256 of the file.
  package let sha256: String
  /// `der` or `pem`.
  package let form: String?
  /// Who provides the Private KSN, as the server reads it.
  package let provider: String?
  /// How to reach them.
  package let contacts: String?
  /// Who signed the file, as its certificate says; only the server verifies that.
  package let signer: String?
  /// When it was signed, as the signature says.
  package let signed: String?
  /// When it was made, in the provider's own words.
  package let created: String?
  /// The language of the statement.
  package let language: String?
  /// The statement.
  package let statement: String?
  /// The SHA-256 of what is inside of the signature, if the server takes it out.
  package let contentSHA256: String?

  init(
    _ file: FilePath,
    _ outside: PrivateConfiguration,
    _ statement: ServerKSNStatement?,
    _ content: [UInt8]?
  ) {
    self.file = file.string
    sha256 = outside.digest.hex
    form = outside.facts.text(.form)
    provider = statement?.providerName
    contacts = statement?.providerContacts
    signer = outside.facts.text(.provider)
    signed = outside.facts.time(.signed)?.text
    created = statement?.created
    language = statement?.language
    self.statement = statement?.text
    contentSHA256 = content.map { Digest256.sha256(of: $0).hex }
  }
}
