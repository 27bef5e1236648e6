import MirrorTypes
import StrictJSON

/// What is signed of a parcel: by the site that it comes of, or by the connected side that sends it to one.
package struct ParcelHeader: Sendable, Hashable {
  /// A part of a parcel that lies in a file of its own.
  package struct Part: Sendable, Hashable {
    /// Its bytes.
    package var size: Int64
    /// Their SHA-256.
    package var sha256: Digest256

    /// A part.
    package init(size: Int64, sha256: Digest256) {
      self.size = size
      self.sha256 = sha256
    }

    /// A part of these bytes.
    package init(of bytes: [UInt8]) { self.init(size: Int64(bytes.count), sha256: .sha256(of: bytes)) }
  }

  /// The parcel that was made before, of or for the same site.
  package struct Previous: Sendable, Hashable {
    /// Its number. Those between were never given to a parcel.
    package var number: Int64
    /// The digest of its header.
    package var digest: Digest256

    /// A parcel.
    package init(number: Int64, digest: Digest256) {
      self.number = number
      self.digest = digest
    }
  }

  /// Which way it goes.
  package var direction: ParcelDirection
  /// The site that it is of, or for.
  package var site: String
  /// The parcel's number, from 1: each of a site, and each for a site, has a greater one than the one before.
  package var number: Int64
  /// When it was made, by the sender's clock.
  package var time: UTCTime
  /// What it carries.
  package var carries: [ParcelKind]
  /// The identifier of the key that opens it.
  package var sealedTo: String
  /// The key of the sealing, encapsulated for that key.
  package var encapsulatedKey: [UInt8]
  /// The sealed bytes.
  package var payload: Part
  /// The list of contents.
  package var contents: Part
  /// The parcel that was made before; `nil` for the first.
  package var previous: Previous?
  /// The program that made it.
  package var program: String

  /// The version of the format that this program writes, and the newest that it reads.
  static let formatVersion: Int64 = 1
  /// What the statement says that it is: none can be passed off as one that goes the other way.
  static func kind(_ direction: ParcelDirection) -> String { "kscmirror \(direction.noun)" }
  /// The most bytes that a header may have.
  package static let maximumSize = 64 << 10
  /// The greatest number.
  package static let maximumNumber: Int64 = 1 << 48
  /// The most kinds of things that one parcel carries.
  package static let maximumKinds = 100
  static let maximumPayload: Int64 = 1 << 46
  private static let maximumProgram = 100

  /// A header.
  package init(
    _ direction: ParcelDirection,
    site: String,
    number: Int64,
    time: UTCTime,
    carries: [ParcelKind],
    sealedTo: String,
    encapsulatedKey: [UInt8],
    payload: Part,
    contents: Part,
    previous: Previous?,
    program: String
  ) {
    self.direction = direction
    self.site = site
    self.number = number
    self.time = time
    self.carries = carries
    self.sealedTo = sealedTo
    self.encapsulatedKey = encapsulatedKey
    self.payload = payload
    self.contents = contents
    self.previous = previous
    self.program = program
  }
}

// MARK: - As JSON

extension ParcelHeader {
  /// The fields that are signed.
  var object: JSONObject {
    var object: JSONObject = [
      "format": .integer(Self.formatVersion), "site": .string(site), "number": .integer(number),
      "time": .string(time.text), "carries": .array(carries.map { .string($0.rawValue) }),
      "sealed-to": .string(sealedTo), "encapsulated-key": .string(Hexadecimal.digits(encapsulatedKey)),
      "payload": .object(payload.object), "contents": .object(contents.object), "program": .string(program),
    ]
    if let previous {
      object["previous"] = .object(["number": .integer(previous.number), "sha256": .string(previous.digest.hex)])
    }
    return object
  }

  /// Reads the fields, each within its bounds.
  ///
  /// - Throws: ``ParcelError``.
  init(_ object: JSONObject, going direction: ParcelDirection) throws(ParcelError) {
    self.direction = direction
    let format = try Self.integer(object, "format", 1...Int64.max)
    guard format <= Self.formatVersion else { throw .tooNew(format) }
    site = try Self.text(object, "site", atMost: 64)
    guard ParcelKind.isName(site) else { throw Self.malformed("site") }
    number = try Self.integer(object, "number", 1...Self.maximumNumber)
    guard let seconds = UTCTime(try Self.text(object, "time", atMost: 20)) else {
      throw Self.malformed("time")
    }
    time = seconds
    carries = try Self.kinds(object)
    guard let id = Digest256(hex: try Self.text(object, "sealed-to", atMost: 64)) else {
      throw Self.malformed("sealed-to")
    }
    sealedTo = id.hex
    guard let key = Hexadecimal.bytes(try Self.text(object, "encapsulated-key", atMost: 64)), key.count == 32 else {
      throw Self.malformed("encapsulated-key")
    }
    encapsulatedKey = key
    payload = try Part(object, "payload", Int64(ParcelChunks.overhead)...Self.maximumPayload)
    guard ParcelChunks(sealedSize: payload.size) != nil else { throw Self.malformed("payload") }
    contents = try Part(object, "contents", 1...Int64(ParcelContents.maximumSize))
    program = try Self.text(object, "program", atMost: Self.maximumProgram)
    previous = nil
    guard let before = object["previous"] else { return }
    guard let number = before.object?["number"]?.integer, (1..<self.number).contains(number),
      let digest = before.object?["sha256"]?.string.flatMap({ Digest256(hex: $0) })
    else { throw Self.malformed("previous") }
    previous = Previous(number: number, digest: digest)
  }

  private static func kinds(_ object: JSONObject) throws(ParcelError) -> [ParcelKind] {
    guard let values = object["carries"]?.array, (1...maximumKinds).contains(values.count) else {
      throw malformed("carries")
    }
    let kinds = values.compactMap { $0.string.flatMap(ParcelKind.init) }
    guard kinds.count == values.count, Set(kinds).count == kinds.count else { throw malformed("carries") }
    return kinds
  }

  fileprivate static func malformed(_ name: String) -> ParcelError {
    .notAParcel("field '\(name)' of its header is missing or invalid")
  }

  fileprivate static func integer(
    _ object: JSONObject,
    _ name: String,
    _ range: ClosedRange<Int64>
  ) throws(ParcelError) -> Int64 {
    guard let number = object[name]?.integer, range.contains(number) else { throw malformed(name) }
    return number
  }

  private static func text(_ object: JSONObject, _ name: String, atMost limit: Int) throws(ParcelError) -> String {
    guard let text = object[name]?.string, text.utf8.count <= limit else { throw malformed(name) }
    return text
  }
}

extension ParcelHeader.Part {
  fileprivate var object: JSONObject { ["size": .integer(size), "sha256": .string(sha256.hex)] }

  fileprivate init(_ object: JSONObject, _ name: String, _ range: ClosedRange<Int64>) throws(ParcelError) {
    guard let part = object[name]?.object, let sha256 = part["sha256"]?.string.flatMap({ Digest256(hex: $0) }) else {
      throw ParcelHeader.malformed(name)
    }
    guard let size = part["size"]?.integer, range.contains(size) else { throw ParcelHeader.malformed(name) }
    self.init(size: size, sha256: sha256)
  }
}
