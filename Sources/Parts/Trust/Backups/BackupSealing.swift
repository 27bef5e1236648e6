import Crypto
import FoundationEssentials
import MirrorTypes

/// The beginning of a backup: what it is, and how its key follows from the pass phrase. All else is sealed.
///
/// kscmirror-bundle(5), section "Backups".
struct BackupHeader: Hashable, Sendable {
  private static let mark = Array("kscmirror backup 1\n".utf8)
  private static let saltSize = 32
  private static let proofSize = 16

  /// How many bytes it has.
  static let size = mark.count + 1 + saltSize + proofSize

  /// What scrypt costs, as a power of two.
  let cost: UInt8
  let salt: [UInt8]
  /// The tag of an empty message, which tells a wrong pass phrase from altered content.
  var proof: [UInt8]

  init(cost: UInt8, salt: [UInt8], proof: [UInt8] = []) {
    (self.cost, self.salt, self.proof) = (cost, salt, proof)
  }

  /// Reads it; `nil` for what is no backup that this program can read.
  init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.size, bytes.starts(with: Self.mark) else { return nil }
    let rest = bytes[Self.mark.count...]
    guard let cost = rest.first, (1...KeyStretching.largestCost).contains(cost) else { return nil }
    self.init(
      cost: cost,
      salt: Array(rest.dropFirst().prefix(Self.saltSize)),
      proof: Array(rest.suffix(Self.proofSize))
    )
  }

  /// Its bytes.
  var bytes: [UInt8] { Self.mark + [cost] + salt + proof }
  /// What is authenticated with all that is sealed.
  var sealed: [UInt8] { Self.mark + [cost] + salt }

  /// Whether a file begins as a backup does.
  static func begins(_ bytes: some Collection<UInt8>) -> Bool { bytes.starts(with: mark) }
}

/// What makes a backup's key of a pass phrase, and seals single chunks with it.
struct BackupCipher {
  private let key: SymmetricKey
  private let header: [UInt8]

  init(_ passphrase: String, _ header: BackupHeader) throws(KeyError) {
    key = try KeyStretching.key(from: passphrase, salt: header.salt, cost: 1 << Int(header.cost))
    self.header = header.sealed
  }

  private static func nonce(_ index: UInt64) throws -> ChaChaPoly.Nonce {
    // The key is this backup's alone, so that numbers do.
    try ChaChaPoly.Nonce(data: [0, 0, 0, 0] + withUnsafeBytes(of: index.bigEndian) { Array($0) })
  }

  private func associated(_ index: UInt64, _ isLast: Bool) -> [UInt8] {
    header + ParcelChunks.associatedData(index, isLast: isLast)
  }

  func seal(_ bytes: [UInt8], _ index: UInt64, isLast: Bool) throws(KeyError) -> [UInt8] {
    do {
      let box = try ChaChaPoly.seal(
        bytes,
        using: key,
        nonce: Self.nonce(index),
        authenticating: associated(index, isLast)
      )
      return Array(box.ciphertext) + Array(box.tag)
    } catch {
      throw .unusable
    }
  }

  /// What a sealed chunk holds; `nil` if it was altered, or the key is another one.
  func open(_ bytes: [UInt8], _ index: UInt64, isLast: Bool) -> [UInt8]? {
    guard bytes.count >= ParcelChunks.overhead, let nonce = try? Self.nonce(index) else { return nil }
    let (content, tag) = (bytes.dropLast(ParcelChunks.overhead), bytes.suffix(ParcelChunks.overhead))
    guard let box = try? ChaChaPoly.SealedBox(nonce: nonce, ciphertext: content, tag: tag),
      let opened = try? ChaChaPoly.open(box, using: key, authenticating: associated(index, isLast))
    else { return nil }
    return Array(opened)
  }

  /// The number that no chunk has: of the proof that the pass phrase is right.
  static let proofIndex = UInt64.max
}

/// Seals a backup with a pass phrase while its content comes.
package struct BackupSealer {
  private let header: BackupHeader
  private let cipher: BackupCipher
  private var waiting: [UInt8] = []
  private var index: UInt64 = 0

  /// Begins a backup.
  ///
  /// - Throws: ``KeyError/emptyPassphrase``, ``KeyError/unusable``.
  package init(passphrase: String) throws(KeyError) {
    try self.init(passphrase: passphrase, cost: KeyStretching.usualCost)
  }

  /// Begins one at a cost that tests choose.
  init(passphrase: String, cost: UInt8) throws(KeyError) {
    guard !passphrase.isEmpty else { throw .emptyPassphrase }
    var header = BackupHeader(cost: cost, salt: SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) })
    cipher = try BackupCipher(passphrase, header)
    header.proof = try cipher.seal([], BackupCipher.proofIndex, isLast: true)
    self.header = header
    waiting.reserveCapacity(ParcelChunks.plainSize)
  }

  /// What the file begins with.
  package var beginning: [UInt8] { header.bytes }

  /// Takes further bytes.
  ///
  /// - Parameter keep: takes what is sealed.
  package mutating func seal(_ bytes: UnsafeRawBufferPointer, _ keep: ([UInt8]) throws -> Void) throws {
    var rest = bytes
    while !rest.isEmpty {
      // Only when more comes is it certain that a full chunk is not the last.
      if waiting.count == ParcelChunks.plainSize { try sealWaiting(isLast: false, keep) }
      let count = min(rest.count, ParcelChunks.plainSize - waiting.count)
      waiting += rest[..<count]
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  /// Seals the last chunk.
  package mutating func finish(_ keep: ([UInt8]) throws -> Void) throws { try sealWaiting(isLast: true, keep) }

  private mutating func sealWaiting(isLast: Bool, _ keep: ([UInt8]) throws -> Void) throws {
    let sealed = try cipher.seal(waiting, index, isLast: isLast)
    waiting.removeAll(keepingCapacity: true)
    index += 1
    try keep(sealed)
  }
}

/// Opens a backup, chunk by chunk and in their order.
package struct BackupOpener {
  private let cipher: BackupCipher
  private let chunks: ParcelChunks
  private var index: UInt64 = 0

  /// How many bytes a backup begins with before the first chunk.
  package static let beginningSize = BackupHeader.size

  /// Whether a file begins as a backup does, of whatever version.
  package static func isBackup(_ bytes: some Collection<UInt8>) -> Bool { BackupHeader.begins(bytes) }

  /// Why a backup cannot be opened.
  package enum Problem: Error, Hashable, Sendable {
    /// It is no backup, or one that this program cannot read.
    case none
    /// It ends too soon, or was altered.
    case altered
    /// The pass phrase is another one.
    case wrongPassphrase
  }

  /// Begins to open a backup.
  ///
  /// - Parameters:
  ///   - beginning: its first ``beginningSize`` bytes.
  ///   - size: the bytes of the whole file.
  ///   - passphrase: asked for once it is known that this is a backup.
  /// - Throws: ``Problem``, ``KeyError``, and what `passphrase` throws.
  package init(_ beginning: [UInt8], size: Int64, passphrase: () throws -> String) throws {
    guard let header = BackupHeader(beginning) else { throw Problem.none }
    guard let chunks = ParcelChunks(sealedSize: size - Int64(BackupHeader.size)) else { throw Problem.altered }
    self.chunks = chunks
    cipher = try BackupCipher(try passphrase(), header)
    guard cipher.open(header.proof, BackupCipher.proofIndex, isLast: true) != nil else { throw Problem.wrongPassphrase }
  }

  /// How many bytes the next chunk has; `nil` behind the last.
  package var nextSize: Int? { index < chunks.count ? chunks.size(of: index) : nil }

  /// Opens the next chunk.
  ///
  /// - Parameter chunk: ``nextSize`` bytes.
  /// - Throws: ``Problem/altered``.
  package mutating func open(_ chunk: [UInt8]) throws(Problem) -> [UInt8] {
    guard let nextSize, chunk.count == nextSize,
      let opened = cipher.open(chunk, index, isLast: index + 1 == chunks.count)
    else { throw .altered }
    index += 1
    return opened
  }
}
