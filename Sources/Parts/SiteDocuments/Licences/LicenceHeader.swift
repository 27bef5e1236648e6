import Languages
import MirrorTypes

/// What a document of licences tells about itself and the server it comes from.
package enum LicenceHeaderField: String, RecordField {
  /// The site.
  case site
  /// When it was made.
  case made
  /// Where its data comes from: ``LicenceSource``.
  case source
  /// The program that wrote it, with its version.
  case program
  /// The Administration Server's version.
  case serverVersion
  /// The Administration Server's installation, by its identifier.
  case serverInstallation
  /// The virtual server that was asked.
  case virtualServer
  /// The Administration Server's own name.
  case serverName
  /// The address it was asked at.
  case serverAddress
  /// Who has made it.
  case user
  /// What somebody has written about it.
  case comment

  /// What the field may hold, and whether it may leave.
  package var rule: FieldRule {
    switch self {
    case .site: .text(128, .site, .siteName)
    case .made: .time(.dates)
    case .source: .text(32, .source, .source)
    case .program: .text(128, .program, .program)
    case .serverVersion: .text(128, .serverVersion, .version)
    case .serverInstallation: .text(128, .serverInstallation, .identifier)
    case .serverName: .server(256, .serverName)
    case .virtualServer: .free(256, .virtualServer)
    case .serverAddress: .free(256, .serverAddress)
    case .user: .free(256, .user)
    case .comment: .free(1024, .comment)
    }
  }
}

/// The head of a document of licences.
package typealias LicenceHeader = Record<LicenceHeaderField>

/// Where the data of a document comes from.
package enum LicenceSource: String, Sendable, CaseIterable {
  /// The Administration Server's Open API.
  case openAPI = "open-api"
  /// `kesl-control` on a device.
  case keslControl = "kesl-control"
  /// A folder of key files.
  case keyFiles = "key-files"
  /// An earlier export.
  case earlierExport = "earlier-export"
}

extension Record where Field == LicenceHeaderField {
  /// The head of a document of a site.
  package init(site: String, made: UTCTime, source: LicenceSource, program: String? = nil) {
    self.init()
    self[.site] = .text(site)
    self[.made] = .time(made)
    self[.source] = .text(source.rawValue)
    self[.program] = program.map { .text($0) }
  }

  /// The site.
  package var site: String { text(.site) ?? "" }
  /// When the document was made.
  package var made: UTCTime { time(.made) ?? UTCTime(seconds: 0) }
  /// Where its data comes from; `nil` for a source that this version does not know.
  package var source: LicenceSource? { text(.source).flatMap(LicenceSource.init) }
}

/// What a document says about a key file: not what is in it, which may be a secret.
package enum KeyFileField: String, RecordField {
  /// The file's name.
  case name
  /// Its size in bytes.
  case size
  /// Its SHA-256.
  case sha256

  /// What the field may hold, and whether it may leave.
  package var rule: FieldRule {
    switch self {
    case .name: .text(255, .keyFileName, .keyFileName, else: .pseudonym("file"))
    case .size: .count(.size)
    case .sha256: .digest(.digest)
    }
  }
}

/// A key file by its name, size and digest.
package typealias LicenceKeyFile = Record<KeyFileField>

extension Record where Field == KeyFileField {
  /// A key file.
  package init(name: String, size: Int, digest: Digest256) {
    self.init()
    self[.name] = .text(name)
    self[.size] = .number(Int64(size))
    self[.sha256] = .text(digest.hex)
  }

  /// Its name.
  package var name: String { text(.name) ?? "" }
  /// Its SHA-256.
  package var digest: Digest256? { text(.sha256).flatMap { Digest256(hex: $0) } }
}
