import StrictJSON

/// Writes a document of licences line by line, so that one with 100,000 devices needs no more memory than its largest
/// key.
///
/// A document is JSON, one object a line, in exactly one form:
///
///     {"document":"kscmirror-licences","header":{"made":…,"site":…,"source":…},"version":1}
///     {"key":{"inUse":7,"limit":10,"serial":"…"}}          the keys, in the order of their serial numbers
///     {"device":{"current":true,"name":"…"},"key":"…"}     behind each key the devices that use it
///     {"file":{"name":"…","sha256":"…","size":1234}}       key files, in the order of their names
///     {"end":{"devices":1,"files":1,"keys":1,"leftOut":{"customerInfo":1}}}
///
/// What may leave is decided here, so that nothing is written that a ``Redaction`` has not seen.
package struct LicenceDocumentWriter {
  /// What is counted in the last line.
  package private(set) var totals = LicenceTotals()
  private let redaction: Redaction
  private let sink: ([UInt8]) throws -> Void
  private var buffer: [UInt8] = []
  private var lastSerial: String?
  private var lastFile: String?
  private static let bufferSize = 65_536

  /// Begins a document.
  ///
  /// - Parameters:
  ///   - header: its head, which needs a site, a time and a source.
  ///   - redaction: what may leave.
  ///   - earlier: what was left out of the data before.
  ///   - sink: takes the bytes, in pieces.
  /// - Throws: ``ExchangeError``, and whatever `sink` throws.
  package init(
    _ header: LicenceHeader,
    redaction: Redaction,
    leftOutBefore earlier: LeftOut = LeftOut(),
    sink: @escaping ([UInt8]) throws -> Void
  ) throws {
    self.redaction = redaction
    self.sink = sink
    totals.leftOut = redaction.leaving(earlier)
    let header = redaction.applied(to: header, leftOut: &totals.leftOut)
    try Self.require([.site, .made, .source], of: header)
    line(#"{"document":"\#(LicenceDocument.kind)","header":{"#) { header.writeMembers(to: &$0) }
    buffer += "},\"version\":\(LicenceDocument.version)}\n".utf8
  }

  /// Writes a key and the devices that use it. A key whose serial number may not leave, not even as a pseudonym, is left
  /// out with them.
  ///
  /// - Throws: ``ExchangeError`` for a key without a serial number, or one that does not stand behind the one before in
  ///   the order of ``Redaction/ordered(_:by:)``; and whatever the sink throws.
  package mutating func write(_ key: LicenceKey, devices: [LicenceDevice] = []) throws {
    try Self.require([.serial], of: key)
    guard let serial = redaction.leavingName(key.serial, of: LicenceField.serial) else {
      totals.leftOut.count("key")
      if !devices.isEmpty { totals.leftOut.count("device", devices.count) }
      return
    }
    guard lastFile == nil, lastSerial.map({ $0.utf8.lexicographicallyPrecedes(serial.utf8) }) ?? true else {
      throw Self.failure(.order("keys"))
    }
    lastSerial = serial
    let key = redaction.applied(to: key, leftOut: &totals.leftOut)
    line("{\"key\":{") { key.writeMembers(to: &$0) }
    buffer += "}}\n".utf8
    totals.keys += 1
    try writeDevices(devices, of: serial)
    try flush(behind: Self.bufferSize)
  }

  private mutating func writeDevices(_ devices: [LicenceDevice], of serial: String) throws {
    var behind: [UInt8] = Array("},\"key\":".utf8)
    JSONForm.visible.write(serial, to: &behind)
    behind += "}\n".utf8
    // By what leaves and not by what is known here, so that the order tells nothing either.
    var leaving: [LicenceDevice] = []
    for device in devices {
      if let device = redaction.redacted(device, leftOut: &totals.leftOut) { leaving.append(device) }
    }
    leaving.sort { $0.order.lexicographicallyPrecedes($1.order) }
    for device in leaving {
      line("{\"device\":{") { device.writeMembers(to: &$0) }
      buffer += behind
      totals.devices += 1
      try flush(behind: Self.bufferSize)
    }
  }

  /// Writes a key file's name, size and digest, behind all keys.
  ///
  /// - Throws: ``ExchangeError`` for one that does not stand behind the one before; and whatever the sink throws.
  package mutating func write(_ file: KeyFile) throws {
    try Self.require([.name, .size, .sha256], of: file)
    guard let name = redaction.leavingName(file.name, of: KeyFileField.name) else {
      return totals.leftOut.count(KeyFileField.name.rawValue)
    }
    guard lastFile.map({ $0.utf8.lexicographicallyPrecedes(name.utf8) }) ?? true else {
      throw Self.failure(.order("key files"))
    }
    lastFile = name
    let file = redaction.applied(to: file, leftOut: &totals.leftOut)
    line("{\"file\":{") { file.writeMembers(to: &$0) }
    buffer += "}}\n".utf8
    totals.files += 1
    try flush(behind: Self.bufferSize)
  }

  /// Ends the document.
  ///
  /// - Returns: what it has.
  /// - Throws: whatever the sink throws.
  @discardableResult
  package mutating func finish() throws -> LicenceTotals {
    let counts = "\"devices\":\(totals.devices),\"files\":\(totals.files),\"keys\":\(totals.keys)"
    let leftOut = totals.leftOut
    line("{\"end\":{\(counts),\"leftOut\":") { leftOut.write(to: &$0) }
    buffer += "}}\n".utf8
    try flush(behind: 0)
    return totals
  }

  private mutating func line(_ beginning: String, _ rest: (inout [UInt8]) -> Void) {
    buffer += beginning.utf8
    rest(&buffer)
  }

  private mutating func flush(behind size: Int) throws {
    guard buffer.count > size else { return }
    try sink(buffer)
    buffer.removeAll(keepingCapacity: true)
  }

  private static func require<Field: RecordField>(_ fields: [Field], of record: Record<Field>) throws {
    for field in fields where record[field] == nil { throw failure(.missing(field: field.rawValue)) }
  }

  private static func failure(_ problem: DocumentProblem) -> ExchangeError {
    .document(name: "the document of licences", line: nil, problem)
  }
}

extension Record where Field == DeviceField {
  /// What devices of a key are ordered by.
  fileprivate var order: [String] {
    let isCurrent = flag(.current) == true ? "0" : "1"
    return [text(.name) ?? "", text(.id) ?? "", text(.product) ?? "", text(.version) ?? "", isCurrent]
  }
}

/// What a document of licences has.
package struct LicenceTotals: Hashable, Sendable {
  /// How many keys.
  package var keys = 0
  /// How many devices, over all keys.
  package var devices = 0
  /// How many key files.
  package var files = 0
  /// What was left out when it was written.
  package var leftOut = LeftOut()

  /// Nothing yet.
  package init() {}
}
