/// What a site has of licences at one time: its keys, how many devices use them, and, if the site tells, which.
///
/// A document never holds the body of a key; those are ``LicenceBodies``.
package struct LicenceDocument: Hashable, Sendable {
  /// What the first line says it is.
  package static let kind = "kscmirror-licences"
  /// The version of the format. A reader refuses any other.
  package static let version = 1
  /// The name that the file has in a parcel.
  package static let fileName = "licences.jsonl"

  /// The head.
  package var header: LicenceHeader
  /// The keys, in the order of their serial numbers.
  package var keys: [LicenceKey] = []
  /// The devices that use a key, by the key's serial number.
  package var devices: [String: [LicenceDevice]] = [:]
  /// Key files, in the order of their names.
  package var files: [LicenceKeyFile] = []
  /// What was left out when it was written.
  package var leftOut = LeftOut()

  /// A document without keys.
  package init(_ header: LicenceHeader) { self.header = header }

  /// Reads a document that lies in memory.
  ///
  /// - Parameters:
  ///   - name: how errors name it.
  ///   - withDevices: whether devices are kept; without them a large document needs little memory.
  /// - Throws: ``ExchangeError``.
  package init(
    parsing bytes: some Collection<UInt8>,
    name: String = fileName,
    withDevices: Bool = true,
    limits: LicenceLimits = LicenceLimits()
  ) throws {
    var document: LicenceDocument?
    var reader = LicenceDocumentReader(name: name, limits: limits)
    func keep(_ record: LicenceRecord) {
      switch record {
      case .header(let header): document = LicenceDocument(header)
      case .key(let key): document?.keys.append(key)
      case .device(let device, let serial):
        if withDevices { document?.devices[serial, default: []].append(device) }
      case .file(let file): document?.files.append(file)
      case .end(let totals): document?.leftOut = totals.leftOut
      }
    }
    // In pieces, so that the reader holds no second copy.
    var rest = bytes[...]
    while !rest.isEmpty {
      try reader.take(rest.prefix(Self.pieceSize), keep)
      rest = rest.dropFirst(Self.pieceSize)
    }
    try reader.finish()
    guard let document else { throw ExchangeError.document(name: name, line: nil, .cut) }
    self = document
  }

  /// The document's bytes, with what may leave.
  ///
  /// - Throws: ``ExchangeError`` for keys without serial numbers, or two of one.
  package func serialized(_ redaction: Redaction) throws -> (bytes: [UInt8], totals: LicenceTotals) {
    let output = Output()
    var writer = try LicenceDocumentWriter(header, redaction: redaction, leftOutBefore: leftOut) {
      output.bytes += $0
    }
    for key in redaction.ordered(keys, by: .serial) { try writer.write(key, devices: devices[key.serial] ?? []) }
    for file in redaction.ordered(files, by: .name) { try writer.write(file) }
    let totals = try writer.finish()
    return (output.bytes, totals)
  }

  private static let pieceSize = 65_536

  private final class Output {
    var bytes: [UInt8] = []
  }
}
