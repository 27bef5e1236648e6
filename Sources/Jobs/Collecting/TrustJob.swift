import ContentStore
import FileSystem
import JobCore
import Journal
import MirrorTypes
import Parcels
import StoreTrust
import SystemPackage
import Trust

/// Decides whose bundles a store takes.
package struct TrustJob: Sendable, InContext {
  package let context: JobContext
  private let site: String?

  /// A job on the context's store.
  ///
  /// - Parameter site: the name of this site, if it has one.
  package init(_ context: JobContext, site: String? = nil) {
    self.context = context
    self.site = site
  }

  /// A root that somebody is asked to trust.
  package struct Candidate: Sendable {
    /// Its file.
    package let file: FilePath
    /// The fingerprint that it has.
    package let fingerprint: Fingerprint
  }

  /// The root that is meant by a path: a root's file, a stick, or a bundle's folder.
  ///
  /// - Parameter wanted: the fingerprint that was read out, if it is known already.
  package func candidate(at path: FilePath, wanted: Fingerprint? = nil) throws -> Candidate {
    let found = try NewestRoot.find(at: path, wanted: wanted)
    return Candidate(file: found.file, fingerprint: found.fingerprint)
  }

  /// Trusts a root whose fingerprint somebody has told over another channel.
  ///
  /// - Parameters:
  ///   - path: the root's file, or a stick, or a bundle: then the newest root there.
  ///   - wanted: the fingerprint that it must have; `nil` only shows what it has, and refuses.
  ///   - replace: whether it may take the place of another root.
  /// - Throws: an error with ``ExitStatus/unknownKey`` without the right fingerprint.
  package func add(_ path: FilePath, fingerprint wanted: Fingerprint?, replace: Bool) throws -> TrustReport {
    let meant = try NewestRoot.find(at: path, wanted: wanted)
    let (file, root) = (meant.file, meant.root)
    let found = meant.fingerprint
    guard let wanted else {
      throw JobError(
        .unknownKey,
        "\(file): no root was trusted. Its fingerprint is",
        details: found.lines,
        remedy:
          "Compare it with what 'kscmirror keys show' says on the connected side, over a telephone or on paper, not by the same stick. Then run 'kscmirror trust add \(ShellWord.quoted(path.string))' again with the fingerprint after it."
      )
    }
    guard wanted == found else {
      throw JobError(
        .unknownKey,
        "\(file): its fingerprint is not the one that you gave",
        details: found.comparison(with: wanted),
        remedy:
          "Have the fingerprint read to you again. If it still differs, do not use this file, nor the stick that it came on, until you know the reason."
      )
    }
    try refuseOther(root, found, replace: replace)
    _ = try ContentStore.open(folder, access: .writing, create: true)
    let facts: [String: JournalValue] = ["root-version": .integer(Int64(meant.version))]
    try audit.noting(AuditNote(.trust, "trust in root \(found)", facts)) { _ in
      try keep(root, replace: replace)
      _ = try StoreLock.receipts.holding(folders) { try SiteKey(in: context).readOrMake() }
      return AuditNote(.trust, "root \(found) is trusted", facts)
    }
    return try show()
  }

  private func version(_ root: SignedMetadata) -> Int { Int(clamping: root.signed["version"]?.integer ?? 0) }

  private func refuseOther(_ root: SignedMetadata, _ found: Fingerprint, replace: Bool) throws {
    guard let here = try PendingRoot.read(folders.trust.appending("root.json")), !replace else { return }
    let trusted = RootMetadata.fingerprint(of: here)
    guard trusted != found else { return }
    throw JobError(
      .unknownKey,
      "\(folder): another root is trusted here already: \(trusted)",
      remedy:
        "A new root of the same connected side comes with its bundles by itself. To trust another one instead, add --replace."
    )
  }

  private func keep(_ root: SignedMetadata, replace: Bool) throws {
    let cache = FileCache(folders.trust, keeping: StoreFolders.keptMetadata)
    if replace {
      // What the other root had signed says nothing about this one's versions.
      try cache.remove("timestamp.json")
      try cache.remove("snapshot.json")
      for name in ParcelTrust.files { try Files.remove(folders.trust.appending(name)) }
      try ParcelShelf.removeDeliveries(folders)
    }
    try cache.save("root.json", root.serialized)
    guard try !OnlineKeys.arePresent(in: folders) else { return }
    try FileCache(folders.metadata).save("\(version(root)).root.json", root.serialized)
  }

  /// Tells what is trusted.
  package func show() throws -> TrustReport {
    guard let root = try PendingRoot.read(folders.trust.appending("root.json")) else {
      throw JobError(
        .notThere,
        "\(folder): nothing is trusted here yet",
        remedy: "Trust the connected side's root with 'kscmirror trust add'."
      )
    }
    var report = try TrustReport(root, cache: FileCache(folders.trust, keeping: StoreFolders.keptMetadata))
    report.site = site
    report.siteFingerprint = try SiteKey(in: context).fingerprint()?.groups
    return report
  }
}

/// What a store trusts.
package struct TrustReport: Sendable, Encodable {
  /// The version of the root.
  package let rootVersion: Int
  /// When the root expires.
  package let rootExpires: UTCTime
  /// The root's fingerprint in groups of four digits.
  package let fingerprint: [String]
  /// How many keys have to sign the next root, and which they are.
  package let threshold: Int
  /// The identifiers of the root's keys.
  package let keys: [String]
  /// The version of the newest state that came here; `nil` before the first.
  package let version: Int?
  /// When that expires.
  package let expires: UTCTime?
  /// The name of this site, if it has one.
  package internal(set) var site: String?
  /// The fingerprint of the key that signs this site's receipts, in groups of four digits; `nil` before the key is made.
  package internal(set) var siteFingerprint: [String]?

  init(_ root: SignedMetadata, cache: FileCache) throws {
    let body: RootMetadata
    do { body = try RootMetadata(root.signed) } catch { throw JobError(.badStore, "root.json: \(error)") }
    rootVersion = body.header.version
    rootExpires = body.header.expires
    fingerprint = RootMetadata.fingerprint(of: root).groups
    threshold = body.keys(of: .root).threshold
    keys = body.keys(of: .root).keyIDs.sorted()
    let kept = try cache.load("timestamp.json")
    let timestamp = kept.flatMap { try? SignedMetadata(parsing: $0) }.flatMap { try? TimestampMetadata($0.signed) }
    version = timestamp?.header.version
    expires = timestamp?.header.expires
  }
}
