import ContentStore
import FileSystem
import JobCore
import Journal
import MirrorConfiguration
import SystemPackage
import Trust

/// Makes, shows and replaces the keys that a store signs with.
package struct KeysJob: Sendable, InContext {
  /// Who signs the root.
  package struct RootHolders: Sendable {
    /// Where the root's private key lies; `nil`: in the store.
    package var rootKey: FilePath?
    /// Files with public keys of further people.
    package var others: [FilePath]
    /// Identifiers of keys that shall sign no longer.
    package var removed: [String]
    /// How many have to sign; `nil`: as many as now, or one.
    package var threshold: Int?

    /// Who signs.
    package init(rootKey: FilePath? = nil, others: [FilePath] = [], removed: [String] = [], threshold: Int? = nil) {
      self.rootKey = rootKey
      self.others = others
      self.removed = removed
      self.threshold = threshold
    }
  }

  package let context: JobContext
  var settings: TrustSettings { configuration.trust }
  var pending: PendingRoot { PendingRoot(folders) }

  /// A job on the keys of the context's store.
  package init(_ context: JobContext) { self.context = context }

  // MARK: - init

  /// Makes the first keys: one for the root, sealed with a pass phrase, and open ones that sign without anybody there.
  ///
  /// - Parameter replacing: whether they take the place of keys that are lost.
  package func initialize(_ holders: RootHolders, replacing: Bool = false) throws -> KeysReport {
    let rootPath = holders.rootKey ?? folders.key("root")
    if !replacing { try refuseExisting(rootPath) }
    _ = try ContentStore.open(folder, access: .writing, create: true)
    // Before anything makes way: a weak one is refused.
    let phrase = try newPassphrase(for: rootPath)
    let rootKey = SigningKey()
    let online = OnlineKeys()
    var root = MetadataMaker.RoleDraft(rootKey)
    for path in holders.others {
      let other = try PublicKeyFile(path)
      root.keys[other.id] = other.key
    }
    root.threshold = try checked(holders.threshold ?? 1, of: root)
    var draft = MetadataMaker.root(
      header(1),
      roles: [
        .root: root, .targets: .init(online[.targets]), .snapshot: .init(online[.snapshot]),
        .timestamp: .init(online[.timestamp]),
      ]
    )
    try audit.noting(
      AuditNote(.keys, replacing ? "the making of keys in the place of lost ones" : "the making of keys")
    ) { _ in
      if replacing { try KeyReplacement(folders: folders, rootKey: rootPath).makeWay() }
      try write(rootKey, role: "root", at: rootPath, phrase)
      for role in OnlineKeys.Role.allCases {
        try store(online[role], role: role.rawValue, at: folders.key(role.rawValue), asks: false)
      }
      _ = try SealingKeys(in: context).readOrMake()
      try sign(&draft, with: rootKey)
      try pending.save(draft)
      _ = try pending.publish()
      return AuditNote(.keys, "keys were made; root \(RootMetadata.fingerprint(of: draft))")
    }
    var report = try show()
    report.rootKey = rootPath.string
    return report
  }

  private func refuseExisting(_ rootPath: FilePath) throws {
    for path in [rootPath, folders.key("targets"), folders.metadata.appending("root.json"), pending.path] {
      guard try Files.status(path) != nil else { continue }
      throw JobError(
        .cannotCreate,
        "\(path): there are keys already",
        remedy:
          "Use 'kscmirror keys rotate' to replace keys: sites that trust the old root then follow to the new one. If keys or the pass phrase are lost, put them back from a backup, or add --replace: then each site has to trust the new root by 'kscmirror trust add --replace'."
      )
    }
  }

  /// Makes a key pair for somebody who is to sign the root too.
  package func create(at path: FilePath) throws -> KeysReport.Created {
    guard try Files.status(path) == nil else {
      throw JobError(.cannotCreate, "\(path): there is a file already", remedy: "Name another one.")
    }
    let key = SigningKey()
    try store(key, role: "root", at: path, asks: true)
    let open = PublicKeyFile(key)
    let publicPath = FilePath(path.string + ".pub")
    try Files.replace(publicPath, with: open.serialized)
    return KeysReport.Created(keyID: key.id, file: path.string, publicFile: publicPath.string)
  }

  // MARK: - show

  /// Whether a store has keys of its own, be it that its root still waits for signatures.
  package static func hasKeys(in store: FilePath) throws -> Bool { try OnlineKeys.arePresent(in: StoreFolders(store)) }

  /// Whether a store had keys to sign with, and they are gone.
  package static func areLost(in folders: StoreFolders) throws -> Bool { try KeyReplacement.areLost(in: folders) }

  /// What to do then.
  package static let lostKeys =
    "Put them back from a backup ('kscmirror restore --missing'). If there is none, 'kscmirror keys init --replace' makes all keys anew, and each site has to trust the new root by 'kscmirror trust add --replace'."

  func hasRoot() throws -> Bool {
    if try pending.current() != nil { return true }
    return try pending.waiting() != nil
  }

  /// Tells which keys there are.
  package func show() throws -> KeysReport {
    let current = try pending.current()
    let waiting = try pending.waiting()
    guard let root = current ?? waiting else {
      throw JobError(.notThere, "\(folder): there are no keys here", remedy: "Make them with 'kscmirror keys init'.")
    }
    return try KeysReport(
      root: root,
      isInForce: current != nil,
      waiting: waiting.map { pending in (pending, self.pending.path.string) },
      context
    )
  }
}

// MARK: - Key files

extension KeysJob {
  func header(_ version: Int) -> MetadataHeader {
    MetadataHeader(version: version, expires: clock.now.adding(seconds: settings.root))
  }

  func sign(_ root: inout SignedMetadata, with key: SigningKey) throws {
    do { try root.sign(with: key) } catch { throw JobError(.keyUnusable, error.description) }
  }

  func unlock(_ path: FilePath) throws -> SigningKey {
    guard let file = try KeyStorage.read(path) else {
      throw JobError(
        .keyUnusable,
        "\(path): there is no such key",
        remedy:
          "Name the private key's file with --root-key or --key. If it is lost, put it back from a backup; if there is none, 'kscmirror keys init --replace' makes all keys anew, and each site has to trust the new root."
      )
    }
    let phrase = file.isSealed ? try context.prompts.keyPassphrase(path, false) : nil
    do throws(KeyError) { return try file.unlock(passphrase: phrase) } catch {
      throw JobError(error, at: path.string)
    }
  }

  func store(_ key: SigningKey, role: String, at path: FilePath, asks: Bool) throws {
    try write(key, role: role, at: path, asks ? try newPassphrase(for: path) : nil)
  }

  /// Asks for the pass phrase of a root key that is to be made, and sees that the key is safe with it.
  ///
  /// - Returns: the pass phrase; `nil` for a key that stays open.
  /// - Throws: an error with ``ExitStatus/keyUnusable`` for a weak one, and for an open key on a stick that goes out.
  package func newPassphrase(for path: FilePath) throws -> String? {
    if let phrase = try Self.checked(try context.prompts.keyPassphrase(path, true), for: path) { return phrase }
    guard let problem = RootKeyPlace.of(key: path, output: configuration.pack.output, store: folder).problem
    else { return nil }
    throw JobError(
      .keyUnusable,
      "\(path): a root key without a pass phrase must not be kept here: \(problem)",
      remedy: "Seal it with a pass phrase, or name another place with --root-key, such as a stick that stays in a safe."
    )
  }

  /// Where the root key of a store lies if no other place is named.
  package static func usualRootKey(of store: FilePath) -> FilePath { StoreFolders(store).key("root") }

  /// A new pass phrase, if it is not too weak.
  private static func checked(_ phrase: String?, for path: FilePath) throws -> String? {
    guard let phrase, let weakness = NewPassphrase.weakness(of: phrase) else { return phrase }
    throw JobError(
      .keyUnusable,
      "\(path): this pass phrase is too weak: \(weakness)",
      remedy:
        "Take four or more words that do not belong together. It is typed only when keys are replaced, so it may be long; write it down, and keep it apart from the key."
    )
  }

  private func write(_ key: SigningKey, role: String, at path: FilePath, _ passphrase: String?) throws {
    let file: KeyFile
    do throws(KeyError) {
      file = try KeyFile(key, role: role, created: clock.now, passphrase: passphrase)
    } catch {
      throw JobError(error, at: path.string)
    }
    try KeyStorage.write(file, to: path)
  }
}
