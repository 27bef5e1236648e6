import FoundationEssentials
import MirrorTypes
import StrictJSON

/// The body of a key: a secret, for whoever has it can install it. It never prints itself.
package struct LicenceBody: Hashable, Sendable {
  /// What a body is.
  package enum Kind: String, Sendable {
    /// The content of a key file.
    case keyFile = "key-file"
    /// An activation code in text: to be added as a code on another server, not as a file.
    case activationCode = "activation-code"
  }

  private let bytes: [UInt8]

  /// The most bytes of a body.
  package static let maximumSize = 32_768

  /// A body; `nil` for one without bytes or with more than ``maximumSize``.
  package init?(_ bytes: [UInt8]) {
    guard !bytes.isEmpty, bytes.count <= Self.maximumSize else { return nil }
    self.bytes = bytes
  }

  /// What it is. The server exports a licence that came from a code as the code's text.
  package var kind: Kind { Self.isActivationCode(bytes) ? .activationCode : .keyFile }

  /// Its size in bytes.
  package var count: Int { bytes.count }

  /// Gives the secret to `use`: the one way to it, and easy to find in the code.
  package func revealed<T>(_ use: ([UInt8]) throws -> T) rethrows -> T { try use(bytes) }

  /// The fewest bytes of a key file: real ones have a few hundred at least.
  private static let smallestKeyFile = 8

  /// Why this is hardly a key; `nil`: it may be one. Nothing of the vendor's says what is in a key file, so that it is
  /// known by its name, and by not being what is often taken for one.
  ///
  /// - Parameter fileName: the name of its file.
  package func objection(fileName: String) -> String? {
    if kind == .activationCode { return nil }
    let text = String(decoding: bytes.prefix(512), as: UTF8.self).lowercased()
    let head = text.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    if head.hasPrefix("-----begin") { return "it is a certificate or key of another kind (PEM)" }
    if head.hasPrefix("<!doctype") || head.hasPrefix("<html") { return "it is a web page" }
    if bytes.count < Self.smallestKeyFile { return "it has \(Words.exactBytes(count)) only" }
    guard fileName.lowercased().hasByteSuffix(".key") else {
      return "it is not an activation code, and its name does not end in .key"
    }
    return nil
  }

  /// Whether bytes are the text of a code, `XXXXX-XXXXX-XXXXX-XXXXX` with a line end at most.
  private static func isActivationCode(_ bytes: [UInt8]) -> Bool {
    let text = bytes.prefix { $0 != 0x0A && $0 != 0x0D }
    guard text.count == 23, bytes.count <= 25 else { return false }
    return text.enumerated().allSatisfy { index, byte in
      index % 6 == 5
        ? byte == UInt8(ascii: "-")
        : (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
  }
}

extension LicenceBody: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Its kind and size.
  package var description: String { "(\(kind.rawValue), \(Words.exactBytes(count)), not shown)" }
  /// The same as ``description``.
  package var debugDescription: String { description }
  /// Shows nothing.
  package var customMirror: Mirror { Mirror(self, children: []) }
}

/// The bodies of keys, by serial number: a document of its own, which must only leave in a sealed parcel.
package struct LicenceBodies: Hashable, Sendable {
  /// What the first line says it is.
  package static let kind = "kscmirror-licence-bodies"
  /// The version of the format.
  package static let version = 1
  /// The name that the file has in a parcel.
  package static let fileName = "licence-bodies.jsonl"
  /// The most bodies.
  package static let maximumCount = 10_000

  private var bodies: [String: LicenceBody] = [:]

  /// No bodies.
  package init() {}

  /// The body of a key; `nil` where there is none, and to take it away.
  package subscript(serial: String) -> LicenceBody? {
    get { bodies[serial] }
    set { bodies[serial] = newValue }
  }

  /// The serial numbers, in their order.
  package var serials: [String] { bodies.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }
  /// How many there are.
  package var count: Int { bodies.count }

  /// The same bodies by the names that they leave by; those whose names do not leave are left out.
  package func leaving<Field: RecordField>(by redaction: Redaction, of field: Field) -> LicenceBodies {
    var result = LicenceBodies()
    for (name, body) in bodies { if let name = redaction.leavingName(name, of: field) { result[name] = body } }
    return result
  }

  /// The document, with all secrets in it: one line for the head, and one for each body.
  package func serializedWithSecrets() -> [UInt8] {
    var output = Array("{\"document\":\"\(Self.kind)\",\"keys\":\(count),\"version\":\(Self.version)}\n".utf8)
    for serial in serials {
      guard let body = bodies[serial] else { continue }
      output += "{\"body\":\"\(body.revealed { Data($0).base64EncodedString() })\",\"serial\":".utf8
      JSONForm.visible.write(serial, to: &output)
      output += "}\n".utf8
    }
    return output
  }

  /// Reads a document of bodies.
  ///
  /// - Parameter name: how errors name it.
  /// - Throws: ``ExchangeError``, which shows nothing of a body.
  package init(parsing bytes: [UInt8], name: String = fileName) throws(ExchangeError) {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    // A text ends with a line feed, behind which the last piece is empty.
    guard lines.count <= Self.maximumCount + 2 else {
      throw .document(name: name, line: nil, .tooMany("keys", limit: Self.maximumCount))
    }
    var expected: Int64?
    for (index, line) in lines.enumerated() where index < lines.count - 1 {
      do throws(DocumentProblem) {
        if index == 0 { expected = try Self.count(line) } else { try add(line) }
      } catch {
        throw .document(name: name, line: index + 1, error)
      }
    }
    guard lines.last?.isEmpty == true, let expected, expected == count else {
      throw .document(name: name, line: nil, .cut)
    }
  }

  private static func value(_ line: ArraySlice<UInt8>) throws(DocumentProblem) -> JSONValue {
    try JSONValue(document: line, within: JSONLimits(bytes: 65_536, depth: 1, values: 8, text: 65_536))
  }

  private static func count(_ line: ArraySlice<UInt8>) throws(DocumentProblem) -> Int64 {
    let value = try value(line)
    guard value["document"]?.string == kind, let version = value["version"]?.integer else {
      throw .notThis(expected: "document of keys' bodies")
    }
    guard version == Self.version else { throw .version(version) }
    guard value.object?.members.count == 3, let count = value["keys"]?.integer else { throw .missing(field: "keys") }
    return count
  }

  private mutating func add(_ line: ArraySlice<UInt8>) throws(DocumentProblem) {
    let value = try Self.value(line)
    guard value.object?.members.count == 2, let serial = value["serial"]?.string, !serial.isEmpty,
      SafeText.isClean(serial, atMost: 128)
    else { throw .value(field: "serial") }
    guard let text = value["body"]?.string, let data = Data(base64Encoded: text), let body = LicenceBody(Array(data))
    else { throw .value(field: "body") }
    guard bodies.updateValue(body, forKey: serial) == nil else { throw .order("serial numbers") }
  }
}
