import StrictJSON

/// What is wanted of keys that are sent to a site: a small document beside their bodies.
package struct KeyOrder: Hashable, Sendable {
  /// What the document says it is.
  package static let kind = "kscmirror-key-order"
  /// The version of the format.
  package static let version: Int64 = 1
  /// The name that the file has in a delivery.
  package static let fileName = "key-order.json"
  /// The most bytes of the document.
  package static let maximumSize = 4096
  /// The most bytes of a note.
  package static let maximumNote = 500

  /// Whether the server there is to give the keys to devices by itself.
  package var isAutomatic: Bool
  /// What a person has to say to those who install them.
  package var note: String

  /// An order.
  ///
  /// - Parameter note: is brought into one line, and cut to ``maximumNote`` bytes.
  package init(isAutomatic: Bool = false, note: String = "") {
    self.isAutomatic = isAutomatic
    self.note = SafeText.cleaned(note, atMost: Self.maximumNote)
  }

  /// The document.
  package var serialized: [UInt8] {
    var output = Array("{\"automatic\":\(isAutomatic),\"document\":\"\(Self.kind)\",\"note\":".utf8)
    JSONForm.visible.write(note, to: &output)
    output += ",\"version\":\(Self.version)}\n".utf8
    return output
  }

  /// Reads a document.
  ///
  /// - Throws: ``ExchangeError``.
  package init(parsing bytes: [UInt8], name: String = fileName) throws(ExchangeError) {
    let bounds = JSONLimits(bytes: Self.maximumSize, depth: 1, values: 8, text: Self.maximumSize)
    let value: JSONValue
    do throws(DocumentProblem) {
      value = try JSONValue(document: bytes, within: bounds)
    } catch {
      throw .document(name: name, line: nil, error)
    }
    func refusal(_ problem: DocumentProblem) -> ExchangeError { .document(name: name, line: nil, problem) }
    guard value["document"]?.string == Self.kind, let version = value["version"]?.integer else {
      throw refusal(.notThis(expected: "order for keys"))
    }
    guard version == Self.version else { throw refusal(.version(version)) }
    guard let isAutomatic = value["automatic"]?.bool else { throw refusal(.value(field: "automatic")) }
    guard let note = value["note"]?.string, SafeText.isClean(note, atMost: Self.maximumNote) else {
      throw refusal(.value(field: "note"))
    }
    self.init(isAutomatic: isAutomatic, note: note)
  }
}
