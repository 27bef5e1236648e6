import ContentStore
import FileSystem
import MirrorConfiguration
import SystemPackage
import Trust

/// Makes, shows and replaces the keys that a store signs with.
public struct KeysJob: Sendable {
  /// Asks for the pass phrase of a key: the key's file, and whether the phrase is a new one, to be asked for twice.
  /// `nil` means that the key is, or shall be, open.
  public typealias PassphraseSource = @Sendable (_ file: FilePath, _ isNew: Bool) throws -> String?

  /// Who signs the root.
  public struct RootHolders: Sendable {
    /// Where the root's private key lies; `nil`: in the store.
    public var rootKey: FilePath?
    /// Files with public keys of further people.
    public var others: [FilePath]
    /// Identifiers of keys that shall sign no longer.
    public var removed: [String]
    /// How many have to sign; `nil`: as many as now, or one.
    public var threshold: Int?

    /// Who signs.
    public init(rootKey: FilePath? = nil, others: [FilePath] = [], removed: [String] = [], threshold: Int? = nil) {
      self.rootKey = rootKey
      self.others = others
      self.removed = removed
      self.threshold = threshold
    }
  }

  private let folder: FilePath
  private let folders: StoreFolders
  private let settings: TrustSettings
  private let passphrase: PassphraseSource
  private var pending: PendingRoot { PendingRoot(folders) }

  /// A job on the keys of the store in the folder `store`.
  public init(store: FilePath, settings: TrustSettings, passphrase: @escaping PassphraseSource) {
    folder = store
    folders = StoreFolders(store)
    self.settings = settings
    self.passphrase = passphrase
  }

  // MARK: - init

  /// Makes the first keys: one for the root, sealed with a pass phrase, and open ones that sign without anybody there.
  public func initialize(_ holders: RootHolders) throws(JobError) -> KeysReport {
    let rootPath = holders.rootKey ?? folders.key("root")
    try refuseExisting(rootPath)
    _ = try translatingErrors { try ContentStore.open(folder, access: .writing, create: true) }
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
    try store(rootKey, role: "root", at: rootPath, asks: true)
    for role in OnlineKeys.Role.allCases {
      try store(online[role], role: role.rawValue, at: folders.key(role.rawValue), asks: false)
    }
    try sign(&draft, with: rootKey)
    try pending.save(draft)
    _ = try pending.publish()
    try Audit(folders.journal).noteKeys("keys were made; root \(RootMetadata.fingerprint(of: draft))")
    return try show()
  }

  private func refuseExisting(_ rootPath: FilePath) throws(JobError) {
    for path in [rootPath, folders.key("targets"), folders.metadata.appending("root.json"), pending.path] {
      guard try translatingErrors({ try Files.status(path) }) != nil else { continue }
      throw JobError(
        .cannotCreate,
        "\(path): there are keys already",
        remedy: "Use 'kscmirror keys rotate' to replace keys: sites that trust the old root then follow to the new one."
      )
    }
  }

  /// Makes a key pair for somebody who is to sign the root too.
  public static func create(
    at path: FilePath,
    passphrase: PassphraseSource
  ) throws(JobError) -> KeysReport.Created {
    guard try translatingErrors({ try Files.status(path) }) == nil else {
      throw JobError(.cannotCreate, "\(path): there is a file already", remedy: "Name another one.")
    }
    let key = SigningKey()
    try store(key, role: "root", at: path, passphrase: translatingErrors { try passphrase(path, true) })
    let open = PublicKeyFile(key)
    let publicPath = FilePath(path.string + ".pub")
    try translatingErrors { try Files.replace(publicPath, with: open.serialized) }
    return KeysReport.Created(keyID: key.id, file: path.string, publicFile: publicPath.string)
  }

  // MARK: - show

  /// Tells which keys there are.
  public func show() throws(JobError) -> KeysReport {
    let current = try pending.current()
    let waiting = try pending.waiting()
    guard let root = current ?? waiting else {
      throw JobError(.notThere, "\(folder): there are no keys here", remedy: "Make them with 'kscmirror keys init'.")
    }
    return try KeysReport(
      root: root,
      isInForce: current != nil,
      waiting: waiting.map { pending in (pending, self.pending.path.string) },
      folders: folders
    )
  }

  // MARK: - rotate

  /// Replaces keys. Sites that trust the root follow by themselves.
  ///
  /// - Parameters:
  ///   - roles: `root`, `targets`, `snapshot`, `timestamp`, `volumes`.
  ///   - holders: who signs the root from now on.
  public func rotate(_ roles: [String], _ holders: RootHolders) throws(JobError) -> KeysReport {
    let known = TopRole.allCases.map(\.rawValue) + [OnlineKeys.Role.volumes.rawValue]
    for role in roles where !known.contains(role) {
      throw JobError(.usage, "there is no role '\(role)'; there are: \(known.joined(separator: ", "))")
    }
    let listed = roles.filter { $0 != "volumes" }
    let changesHolders = !holders.others.isEmpty || !holders.removed.isEmpty || holders.threshold != nil
    if !listed.isEmpty || changesHolders { try rotateListed(listed, holders) }
    // Last, since the root key may refuse what comes before.
    if roles.contains("volumes") {
      // The targets role delegates to it: what is signed next lists the new key.
      try store(SigningKey(), role: "volumes", at: folders.key("volumes"), asks: false)
    }
    try Audit(folders.journal).noteKeys(
      "keys were replaced: \((roles + (changesHolders ? ["who signs the root"] : [])).joined(separator: ", "))"
    )
    return try show()
  }

  private func rotateListed(_ roles: [String], _ holders: RootHolders) throws(JobError) {
    guard let current = try pending.current() else {
      throw JobError(
        .notThere,
        "\(folder): there is no root in force here",
        remedy: "Make keys with 'kscmirror keys init'."
      )
    }
    let rootPath = holders.rootKey ?? folders.key("root")
    let oldKey = try unlock(rootPath)
    var drafts = try Self.drafts(of: current)
    var signers = [oldKey]
    for role in roles.compactMap(TopRole.init) {
      let key = SigningKey()
      if role == .root {
        drafts[.root]?.keys[oldKey.id] = nil
        drafts[.root]?.keys[key.id] = key.publicObject
        signers.append(key)
        try store(
          key,
          role: "root",
          at: holders.rootKey.map { FilePath($0.string + ".next") } ?? pending.nextKey("root"),
          asks: true
        )
      } else {
        drafts[role] = .init(key)
        try store(key, role: role.rawValue, at: pending.nextKey(role.rawValue), asks: false)
      }
    }
    try change(&drafts, holders)
    let version = Int(clamping: current.signed["version"]?.integer ?? 0) + 1
    var next = MetadataMaker.root(header(version), roles: drafts, from: current.signed)
    for key in signers { try sign(&next, with: key) }
    try pending.save(next)
    if try pending.publish() != nil, roles.contains("root"), let path = holders.rootKey {
      try translatingErrors { try Files.rename(FilePath(path.string + ".next"), to: path) }
    }
  }

  private func change(
    _ drafts: inout [TopRole: MetadataMaker.RoleDraft],
    _ holders: RootHolders
  ) throws(JobError) {
    var root = drafts[.root] ?? .init(keys: [:])
    for path in holders.others {
      let other = try PublicKeyFile(path)
      root.keys[other.id] = other.key
    }
    for id in holders.removed {
      let matches = root.keys.keys.filter { $0.hasPrefix(id.lowercased()) }
      guard matches.count == 1, let match = matches.first else {
        throw JobError(
          .notThere,
          "\(matches.count) keys of the root begin with '\(id)'",
          remedy: "See 'kscmirror keys show'."
        )
      }
      root.keys[match] = nil
    }
    root.threshold = try checked(holders.threshold ?? root.threshold, of: root)
    drafts[.root] = root
  }

  private func checked(_ threshold: Int, of root: MetadataMaker.RoleDraft) throws(JobError) -> Int {
    guard (1...max(1, root.keys.count)).contains(threshold), !root.keys.isEmpty else {
      throw JobError(.usage, "\(threshold) signatures cannot be had from \(root.keys.count) keys")
    }
    return threshold
  }

  private static func drafts(of root: SignedMetadata) throws(JobError) -> [TopRole: MetadataMaker.RoleDraft] {
    let body: RootMetadata
    do { body = try RootMetadata(root.signed) } catch { throw JobError(.software, error.description) }
    var drafts: [TopRole: MetadataMaker.RoleDraft] = [:]
    for role in TopRole.allCases {
      let keys = body.keys(of: role)
      var objects: [String: JSONObject] = [:]
      for id in keys.keyIDs { objects[id] = root.signed["keys"]?.object?[id]?.object }
      drafts[role] = .init(keys: objects, threshold: keys.threshold)
    }
    return drafts
  }

  // MARK: - sign

  /// Adds a signature to a root, wherever it lies.
  ///
  /// - Parameters:
  ///   - path: the root's file; `nil`: the one that waits in the store.
  ///   - keyPath: the private key.
  public func sign(_ path: FilePath?, with keyPath: FilePath) throws(JobError) -> KeysReport.Signed {
    let place = path ?? pending.path
    guard var root = try PendingRoot.read(place) else {
      throw JobError(.notThere, "\(place): there is no root that waits for signatures")
    }
    let key = try unlock(keyPath)
    try sign(&root, with: key)
    try translatingErrors { try Files.replace(place, with: root.serialized) }
    let isInForce = path == nil ? try pending.publish() != nil : false
    if path == nil { try Audit(folders.journal).noteKeys("the root was signed by key \(key.id.prefix(16))…") }
    return KeysReport.Signed(
      file: place.string,
      signatures: root.signatures.count,
      fingerprint: RootMetadata.fingerprint(of: root).description,
      isInForce: isInForce
    )
  }

  /// Takes the signatures that a copy of the waiting root has got elsewhere.
  public func accept(_ path: FilePath) throws(JobError) -> KeysReport.Signed {
    guard var waiting = try pending.waiting() else {
      throw JobError(.notThere, "\(pending.path): no root waits for signatures here")
    }
    guard let copy = try PendingRoot.read(path) else { throw JobError(.notThere, "\(path): there is no such file") }
    guard copy.canonical == waiting.canonical else {
      throw JobError(
        .damagedBundle,
        "\(path): this is another root than the one that waits in \(pending.path)",
        remedy: "Have \(pending.path) itself signed, unchanged."
      )
    }
    waiting.add(copy.signatures)
    try pending.save(waiting)
    let isInForce = try pending.publish() != nil
    try Audit(folders.journal).noteKeys("signatures of the root were taken from \(path)")
    return KeysReport.Signed(
      file: pending.path.string,
      signatures: waiting.signatures.count,
      fingerprint: RootMetadata.fingerprint(of: waiting).description,
      isInForce: isInForce
    )
  }
}

// MARK: - Key files

extension KeysJob {
  private func header(_ version: Int) -> MetadataHeader {
    MetadataHeader(version: version, expires: WallClock.seconds + settings.root)
  }

  private func sign(_ root: inout SignedMetadata, with key: SigningKey) throws(JobError) {
    do { try root.sign(with: key) } catch { throw JobError(.keyUnusable, error.description) }
  }

  private func unlock(_ path: FilePath) throws(JobError) -> SigningKey {
    guard let file = try KeyStorage.read(path) else {
      throw JobError(
        .keyUnusable,
        "\(path): there is no such key",
        remedy: "Name the private key's file with --root-key or --key."
      )
    }
    let phrase = file.isSealed ? try translatingErrors { try passphrase(path, false) } : nil
    do throws(KeyError) { return try file.unlock(passphrase: phrase) } catch {
      throw JobError(key: error, file: path.string)
    }
  }

  private func store(_ key: SigningKey, role: String, at path: FilePath, asks: Bool) throws(JobError) {
    try Self.store(key, role: role, at: path, passphrase: asks ? translatingErrors { try passphrase(path, true) } : nil)
  }

  private static func store(
    _ key: SigningKey,
    role: String,
    at path: FilePath,
    passphrase: String?
  ) throws(JobError) {
    let file: KeyFile
    do throws(KeyError) {
      file = try KeyFile(key, role: role, created: WallClock.seconds, passphrase: passphrase)
    } catch {
      throw JobError(key: error, file: path.string)
    }
    try KeyStorage.write(file, to: path)
  }
}
