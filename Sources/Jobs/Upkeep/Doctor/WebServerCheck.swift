import FileSystem
import Glibc
import JobCore
import MirrorConfiguration
import MirrorTypes
import SystemPackage
import WebStore

/// Whether the certificate of `[serve]` is a pair with its key, for this host, and not about to expire.
struct WebServerCheck: DoctorCheck {
  private static let name = "serve.certificate"
  /// How long before its end somebody should get another one, in seconds.
  private static let early: Int64 = 21 * 86_400

  func findings(in patient: Patient) -> [Finding] {
    guard let serve = patient.configuration?.serve, let certificate = serve.certificate, let key = serve.key else {
      return []
    }
    do throws(WebServerError) {
      let facts = try CertificateFacts(certificate: certificate, key: key)
      return [Self.validity(facts, certificate, patient.now)] + Self.names(facts, certificate) + Self.modes(of: key)
    } catch {
      return [.error(Self.name, JobError(error))]
    }
  }

  private static func validity(_ facts: CertificateFacts, _ certificate: FilePath, _ now: UTCTime) -> Finding {
    let remedy = "Get a new certificate; 'kscmirror serve' reads it without a restart."
    if facts.begins > now {
      return .error(
        name,
        "\(certificate) is valid from \(Words.time(facts.begins)) on, which is in the future by this host's clock",
        remedy: "Look at this host's clock."
      )
    }
    let left = facts.expires.seconds(since: now)
    guard left > 0 else {
      return .error(name, "\(certificate) expired on \(Words.time(facts.expires))", remedy: remedy)
    }
    let text = "\(certificate) expires on \(Words.time(facts.expires)), in \(Words.span(left))"
    return left < early ? .warning(name, text, remedy: remedy) : .ok(name, text)
  }

  private static func names(_ facts: CertificateFacts, _ certificate: FilePath) -> [Finding] {
    guard !facts.names.isEmpty else {
      return [
        .warning(
          "serve.names",
          "\(certificate) has no DNS name in it (subjectAltName), so that clients refuse it",
          remedy: "Get a certificate with the name by which clients reach this host."
        )
      ]
    }
    let text = "\(certificate) is for \(Words.list(facts.names, atMost: 5))"
    guard let host, !facts.isFor(host) else { return [.ok("serve.names", text)] }
    // Clients may use another name than the host has itself.
    return [.ok("serve.names", "\(text); this host calls itself \(host): give clients a name of the certificate")]
  }

  private static func modes(of key: FilePath) -> [Finding] {
    do throws(FileError) {
      guard let status = try Files.status(try Files.resolvingLinks(key)), status.permissions & 0o007 != 0 else {
        return []
      }
      return [.error("serve.key", "\(key) can be read by other users", remedy: "Run 'chmod o= \(key)'.")]
    } catch {
      return [.error("serve.key", JobError(error))]
    }
  }

  private static var host: String? {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return nil }
    let name = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return name.isEmpty ? nil : name
  }
}
