import JobCore
import MirrorTypes
import Trust

/// Which keys a store signs with.
package struct KeysReport: Sendable, Encodable {
  /// The version of the root.
  package let version: Int
  /// When it expires.
  package let expires: UTCTime
  /// The root's fingerprint in groups of four digits: what the isolated side learns over another channel.
  package let fingerprint: [String]
  /// The root's file, which the isolated side trusts.
  package let rootFile: String
  /// Where the root's private key was written, by the run that made it; `nil` in other reports.
  package internal(set) var rootKey: String?
  /// Whether the root is in force; not so as long as signatures are missing.
  package let isInForce: Bool
  /// The roles, with their keys.
  package let roles: [Role]
  /// The keys that parcels are opened with; `nil` in a store from before, until it packs.
  package let sealing: Sealing?
  /// A root that waits for signatures, if one does.
  package let waiting: Waiting?

  /// A role.
  package struct Role: Sendable, Encodable {
    /// Its name.
    package let name: String
    /// How many of its keys have to sign.
    package let threshold: Int
    /// Its keys' identifiers.
    package let keys: [String]
  }

  /// The keys that parcels are opened with.
  package struct Sealing: Sendable, Encodable {
    /// The identifier of the one that sites seal to.
    package let key: String
    /// Those of the ones from before.
    package let kept: [String]
  }

  /// A root that waits for signatures.
  package struct Waiting: Sendable, Encodable {
    /// Its file.
    package let file: String
    /// Its fingerprint in groups.
    package let fingerprint: [String]
    /// How many signatures it has.
    package let signatures: Int
  }

  /// A key pair that was made.
  package struct Created: Sendable, Encodable {
    /// Its identifier.
    package let keyID: String
    /// The private key's file.
    package let file: String
    /// The public key's file.
    package let publicFile: String
  }

  /// A root that was signed.
  package struct Signed: Sendable, Encodable {
    /// Its file.
    package let file: String
    /// How many signatures it has now.
    package let signatures: Int
    /// Its fingerprint.
    package let fingerprint: String
    /// Whether that put it into force.
    package let isInForce: Bool
  }

  /// Keys that were replaced.
  package enum Rotated: Sendable, Encodable {
    /// Of a store that signs: all of its keys.
    case keys(KeysReport)
    /// Of a site: the key that is sealed to.
    case sealing(Sealing)

    private enum CodingKeys: CodingKey { case sealing }

    /// As the keys' report; of a site, the part of it that there is.
    package func encode(to encoder: any Encoder) throws {
      switch self {
      case .keys(let report): try report.encode(to: encoder)
      case .sealing(let sealing):
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(sealing, forKey: .sealing)
      }
    }
  }

  init(
    root: SignedMetadata,
    isInForce: Bool,
    waiting: (SignedMetadata, String)?,
    _ context: JobContext
  ) throws {
    let folders = context.folders
    let body: RootMetadata
    do { body = try RootMetadata(root.signed) } catch { throw JobError(.damagedBundle, "root.json: \(error)") }
    version = body.header.version
    expires = body.header.expires
    fingerprint = RootMetadata.fingerprint(of: root).groups
    rootFile = folders.metadata.appending(isInForce ? "\(body.header.version).root.json" : PendingRoot.name).string
    self.isInForce = isInForce
    var roles = TopRole.allCases.map { role in
      Role(name: role.rawValue, threshold: body.keys(of: role).threshold, keys: body.keys(of: role).keyIDs.sorted())
    }
    if let key = try KeyStorage.read(folders.key("volumes")) {
      roles.append(Role(name: "volumes", threshold: 1, keys: [key.id]))
    }
    self.roles = roles
    sealing = try Sealing.current(in: context)
    self.waiting = waiting.map { root, file in
      Waiting(file: file, fingerprint: RootMetadata.fingerprint(of: root).groups, signatures: root.signatures.count)
    }
  }
}

extension KeysReport.Sealing {
  static func current(in context: JobContext) throws -> KeysReport.Sealing? {
    let keys = SealingKeys(in: context)
    guard let key = try keys.current() else { return nil }
    return KeysReport.Sealing(key: key.id, kept: try keys.keptIDs())
  }
}
