import Crypto
import FoundationEssentials
import MirrorTypes
import StrictJSON

/// How the content of a parcel is cut into chunks, each of which is sealed for itself, so that any size passes through
/// little memory: all have ``plainSize`` bytes but the last, which may have fewer, and none only if there is no content.
struct ParcelChunks {
  /// The bytes of a chunk before it is sealed.
  static let plainSize = 1 << 20
  /// What sealing adds to each.
  static let overhead = 16
  private static let sealedSize = Int64(plainSize + overhead)

  /// How many there are.
  let count: UInt64
  /// The sealed bytes of the last one.
  let lastSize: Int

  /// The chunks that have `sealedSize` bytes together; `nil` where none have.
  init?(sealedSize: Int64) {
    guard sealedSize >= Int64(Self.overhead) else { return nil }
    let whole = (sealedSize - 1) / Self.sealedSize
    count = UInt64(whole) + 1
    lastSize = Int(sealedSize - whole * Self.sealedSize)
    guard lastSize > Self.overhead || (lastSize == Self.overhead && count == 1) else { return nil }
  }

  /// The sealed bytes of a chunk.
  func size(of index: UInt64) -> Int { index + 1 == count ? lastSize : Int(Self.sealedSize) }

  /// What is authenticated with a chunk: which it is, and whether it is the last.
  static func associatedData(_ index: UInt64, isLast: Bool) -> [UInt8] {
    withUnsafeBytes(of: index.bigEndian) { Array($0) } + [isLast ? 1 : 0]
  }

  /// What a sealing is bound to: no content can be passed off as another parcel's, nor as another site's. The key of the
  /// connected side may change while a delivery waits, and who may sign one is known to the site by other means.
  static func info(
    _ direction: ParcelDirection,
    site: String,
    number: Int64,
    signer: Fingerprint,
    sealedTo: String
  ) -> [UInt8] {
    var object: JSONObject = [
      "kind": .string("kscmirror \(direction.noun) payload"), "format": 1, "site": .string(site),
      "number": .integer(number), "sealed-to": .string(sealedTo),
    ]
    if direction == .fromSite { object["signer"] = .string(signer.digest.hex) }
    return JSONValue.object(object).canonical
  }
}

/// Seals the content of a parcel while it comes.
package struct ParcelSealer {
  /// The key of this sealing, encapsulated for the key that opens it.
  package var encapsulatedKey: [UInt8] { Array(sender.encapsulatedKey) }

  private var sender: HPKE.Sender
  private var waiting: [UInt8] = []
  private var index: UInt64 = 0
  private var hash = SHA256()
  private var size: Int64 = 0

  /// Begins a sealing.
  ///
  /// - Parameters:
  ///   - key: the key that is to open it.
  ///   - direction: which way it goes.
  ///   - site: the site that it is of, or for.
  ///   - number: the parcel's number.
  ///   - signer: the fingerprint of the key that signs its header.
  /// - Throws: ``ParcelError/unusableKey``.
  package init(
    to key: SealingPublicKey,
    _ direction: ParcelDirection = .fromSite,
    site: String,
    number: Int64,
    signer: Fingerprint
  ) throws(ParcelError) {
    sender = try key.sender(
      info: ParcelChunks.info(direction, site: site, number: number, signer: signer, sealedTo: key.id)
    )
    waiting.reserveCapacity(ParcelChunks.plainSize)
  }

  /// Takes further bytes.
  ///
  /// - Parameter keep: takes what is sealed.
  /// - Throws: ``ParcelError``, and what `keep` throws.
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
  ///
  /// - Returns: what all sealed bytes are.
  package mutating func finish(_ keep: ([UInt8]) throws -> Void) throws -> ParcelHeader.Part {
    try sealWaiting(isLast: true, keep)
    return ParcelHeader.Part(size: size, sha256: Digest256(hash.finalize()))
  }

  private mutating func sealWaiting(isLast: Bool, _ keep: ([UInt8]) throws -> Void) throws {
    let data = ParcelChunks.associatedData(index, isLast: isLast)
    guard let sealed = try? sender.seal(waiting, authenticating: data) else { throw ParcelError.unusableKey }
    waiting.removeAll(keepingCapacity: true)
    index += 1
    let bytes = Array(sealed)
    hash.update(data: bytes)
    size += Int64(bytes.count)
    try keep(bytes)
  }
}

/// Opens the content of a parcel, chunk by chunk and in their order.
package struct ParcelOpener {
  private var recipient: HPKE.Recipient
  private let chunks: ParcelChunks
  private let expected: Digest256
  private var index: UInt64 = 0
  private var hash = SHA256()

  /// Begins to open a parcel.
  ///
  /// - Parameters:
  ///   - signed: its header, which was verified.
  ///   - key: the key that it is sealed to.
  /// - Throws: ``ParcelError/wrongKey(sealedTo:)``, ``ParcelError/alteredPayload(_:)``.
  package init(_ signed: SignedParcelHeader, key: SealingKey) throws(ParcelError) {
    let header = signed.header
    guard header.sealedTo == key.id else { throw .wrongKey(sealedTo: header.sealedTo) }
    guard let chunks = ParcelChunks(sealedSize: header.payload.size) else {
      throw .alteredPayload("it has no such size")
    }
    self.chunks = chunks
    expected = header.payload.sha256
    let info = ParcelChunks.info(
      header.direction,
      site: header.site,
      number: header.number,
      signer: signed.signer,
      sealedTo: header.sealedTo
    )
    recipient = try key.recipient(of: header.encapsulatedKey, info: info)
  }

  /// How many bytes the next chunk has; `nil` behind the last.
  package var nextSize: Int? { index < chunks.count ? chunks.size(of: index) : nil }

  /// Opens the next chunk.
  ///
  /// - Parameter chunk: ``nextSize`` bytes.
  /// - Returns: what it held. The last is given out only when all of the content was what was signed.
  /// - Throws: ``ParcelError/alteredPayload(_:)``.
  package mutating func open(_ chunk: [UInt8]) throws(ParcelError) -> [UInt8] {
    guard let nextSize, chunk.count == nextSize else { throw .alteredPayload("it has more bytes than were signed") }
    let isLast = index + 1 == chunks.count
    let data = ParcelChunks.associatedData(index, isLast: isLast)
    guard let opened = try? recipient.open(chunk, authenticating: data) else {
      throw .alteredPayload("chunk \(index + 1) of \(chunks.count) cannot be opened")
    }
    hash.update(data: chunk)
    index += 1
    if isLast, Digest256(hash.finalize()) != expected { throw .alteredPayload("its SHA-256 is another one") }
    return Array(opened)
  }
}
