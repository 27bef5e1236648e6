import StrictJSON

/// One line of a document of licences.
package enum LicenceRecord: Hashable, Sendable {
  /// The first line.
  case header(LicenceHeader)
  /// A key.
  case key(LicenceKey)
  /// A device that uses the key with a serial number, which is the last that was read.
  case device(LicenceDevice, serial: String)
  /// A key file.
  case file(KeyFile)
  /// The last line.
  case end(LicenceTotals)
}

/// How much a document of licences may have. Whatever has more is refused and not read to its end.
package struct LicenceLimits: Hashable, Sendable {
  /// The most bytes.
  package var bytes = 1 << 30
  /// The most keys.
  package var keys = 100_000
  /// The most devices over all keys.
  package var devices = 1_000_000
  /// The most key files.
  package var files = 10_000

  /// The usual limits.
  package init() {}
}

/// Reads a document of licences piece by piece, as ``LicenceDocumentWriter`` writes it, and holds only one line.
///
/// A document that was read without an error is whole: it has its last line, and what that counts.
package struct LicenceDocumentReader: Sendable {
  private let name: String
  private let limits: LicenceLimits
  private var rest: [UInt8] = []
  private var line = 0
  private var byteCount = 0
  private var totals = LicenceTotals()
  private var hasHeader = false
  private var isEnded = false
  private var lastSerial: String?
  private var lastFile: String?

  /// A reader.
  ///
  /// - Parameters:
  ///   - name: how errors name the document.
  ///   - limits: how much it may have.
  package init(name: String, limits: LicenceLimits = LicenceLimits()) {
    self.name = name
    self.limits = limits
  }

  /// Takes the next bytes, and gives each line that they complete to `body`.
  ///
  /// - Throws: ``ExchangeError``, and whatever `body` throws.
  package mutating func take(_ bytes: some Collection<UInt8>, _ body: (LicenceRecord) throws -> Void) throws {
    byteCount += bytes.count
    guard byteCount <= limits.bytes else { throw failure(.tooLong(limit: limits.bytes)) }
    rest += bytes
    var start = 0
    while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
      line += 1
      let record: LicenceRecord
      do throws(DocumentProblem) { record = try self.record(rest[start..<end]) } catch { throw failure(error) }
      start = end + 1
      try body(record)
    }
    rest.removeSubrange(..<start)
    if rest.count > JSONLimits.line.bytes {
      line += 1
      throw failure(.tooLong(limit: JSONLimits.line.bytes))
    }
  }

  /// Ends the reading.
  ///
  /// - Throws: ``ExchangeError`` if the document was cut.
  package func finish() throws(ExchangeError) {
    guard isEnded else { throw .document(name: name, line: nil, .cut) }
    guard rest.isEmpty else { throw .document(name: name, line: nil, .behindEnd) }
  }

  private func failure(_ problem: DocumentProblem) -> ExchangeError {
    .document(name: name, line: line == 0 ? nil : line, problem)
  }

  private mutating func record(_ bytes: ArraySlice<UInt8>) throws(DocumentProblem) -> LicenceRecord {
    guard !isEnded else { throw .behindEnd }
    let value = try JSONValue(document: bytes, within: .line)
    guard hasHeader else {
      defer { hasHeader = true }
      return .header(try header(value))
    }
    guard let members = value.object?.inReadOrder, let first = members.first else { throw .notThis(expected: "record") }
    switch (first.name, members.count) {
    case ("key", 1): return .key(try key(first.value))
    case ("device", 2): return try device(first.value, serial: value["key"])
    case ("file", 1): return .file(try file(first.value))
    case ("end", 1): return .end(try end(first.value))
    default: throw .unknownField(first.name)
    }
  }

  private func header(_ value: JSONValue) throws(DocumentProblem) -> LicenceHeader {
    guard value["document"]?.string == LicenceDocument.kind, let version = value["version"]?.integer else {
      throw .notThis(expected: "document of licences")
    }
    guard version == LicenceDocument.version else { throw .version(version) }
    guard value.object?.members.count == 3 else { throw .unknownField("header") }
    return try record(value["header"], requiring: [.site, .made, .source], "header")
  }

  private mutating func key(_ value: JSONValue) throws(DocumentProblem) -> LicenceKey {
    let key: LicenceKey = try record(value, requiring: [.serial], "key")
    guard lastFile == nil, lastSerial.map({ $0.utf8.lexicographicallyPrecedes(key.serial.utf8) }) ?? true else {
      throw .order("keys")
    }
    lastSerial = key.serial
    totals.keys += 1
    guard totals.keys <= limits.keys else { throw .tooMany("keys", limit: limits.keys) }
    return key
  }

  private mutating func device(
    _ value: JSONValue,
    serial: JSONValue?
  ) throws(DocumentProblem) -> LicenceRecord {
    let device: LicenceDevice = try record(value, requiring: [], "device")
    guard let lastSerial, serial?.string == lastSerial, lastFile == nil else { throw .order("devices") }
    totals.devices += 1
    guard totals.devices <= limits.devices else { throw .tooMany("devices", limit: limits.devices) }
    return .device(device, serial: lastSerial)
  }

  private mutating func file(_ value: JSONValue) throws(DocumentProblem) -> KeyFile {
    let file: KeyFile = try record(value, requiring: [.name, .size, .sha256], "file")
    guard lastFile.map({ $0.utf8.lexicographicallyPrecedes(file.name.utf8) }) ?? true else {
      throw .order("key files")
    }
    lastFile = file.name
    totals.files += 1
    guard totals.files <= limits.files else { throw .tooMany("key files", limit: limits.files) }
    return file
  }

  private mutating func end(_ value: JSONValue) throws(DocumentProblem) -> LicenceTotals {
    guard value.object?.members.count == 4 else { throw .value(field: "end") }
    totals.leftOut = try LeftOut(value["leftOut"], field: "leftOut")
    let counted = [value["keys"], value["devices"], value["files"]].map { $0?.integer }
    guard counted == [totals.keys, totals.devices, totals.files].map(Int64.init) else { throw .miscounted }
    isEnded = true
    return totals
  }

  private func record<Field: RecordField>(
    _ value: JSONValue?,
    requiring required: [Field],
    _ what: String
  ) throws(DocumentProblem) -> Record<Field> {
    guard let object = value?.object else { throw .value(field: what) }
    let record = try Record<Field>(object)
    for field in required where record[field] == nil { throw .missing(field: field.rawValue) }
    return record
  }
}
