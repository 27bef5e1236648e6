import FileSystem
import JobCore
import MirrorConfiguration
import SystemPackage

/// Whether the configuration can be read, what it names can be used, and secrets are nobody else's to read.
struct ConfigurationCheck: DoctorCheck {
  func findings(in patient: Patient) -> [Finding] {
    if let failure = patient.configurationFailure { return [.error("configuration.file", failure)] }
    guard let configuration = patient.configuration else {
      return [.ok("configuration.file", "there is no configuration; everything has its default")]
    }
    return patient.found("configuration.file") {
      _ = try ConfigurationCheckJob(patient.context).run()
      return [.ok("configuration.file", "\(configuration.file) is sound")]
    } + Self.secrets(of: configuration).flatMap(Self.look)
      + Self.name(of: configuration, patient)
  }

  /// The files with secrets that it names.
  private static func secrets(of configuration: Configuration) -> [FilePath] {
    let server = configuration.administrationServer
    var files = [server?.passwordFile, server?.tokenFile].compactMap { $0 }
    for source in configuration.sources {
      let transport = source.transport
      files += [transport.clientKey, transport.clientKeyPassphraseFile, transport.proxyPasswordFile].compactMap { $0 }
    }
    return Set(files).sorted { $0.string < $1.string }
  }

  private static func look(at file: FilePath) -> [Finding] {
    do throws(FileError) {
      guard let status = try Files.status(try Files.resolvingLinks(file)) else {
        return [.error("configuration.secret", "\(file): there is no such file", remedy: "Write the secret to it.")]
      }
      guard status.permissions & 0o077 == 0 else {
        return [
          .warning(
            "configuration.secret",
            "\(file) holds a secret, and others can read it",
            remedy: "Run 'chmod 600 \(file)'."
          )
        ]
      }
      return [.ok("configuration.secret", "\(file) can be read by its owner only")]
    } catch {
      return [.error("configuration.secret", JobError(error))]
    }
  }

  private static func name(of configuration: Configuration, _ patient: Patient) -> [Finding] {
    guard patient.isTrusting, configuration.site == nil else { return [] }
    return [
      .warning(
        "configuration.site",
        "this site has no name: it writes no receipts, so every bundle for it is a full one",
        remedy: "Set site = \"NAME\" in \(configuration.file)."
      )
    ]
  }
}
