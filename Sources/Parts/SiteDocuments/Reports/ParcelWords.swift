import MirrorTypes

/// What a parcel carries, in plain words, for the guard at the gate who decides whether it may leave: part of the list
/// that lies beside a parcel.
///
/// It is given the very bytes that are sealed, as they are sealed, and reads them again as whoever opens the parcel will:
/// nothing that it says comes from an option, or from whoever has made the documents. The same documents give the same
/// words.
package struct ParcelWords: Sendable {
  /// A document while its bytes come.
  private enum Reading: Sendable {
    /// One whose bytes are kept, and read at its end.
    case whole([UInt8])
    /// A document of licences, which is read piece by piece.
    case licences(LicenceDocumentReader)
    /// One that is not looked into.
    case closed
  }

  /// Whether it goes to a site.
  private let isDelivery: Bool
  private var path = ""
  private var reading = Reading.closed

  private(set) var licences: LicenceFacts?
  private(set) var ksn: KSNDocument?
  private(set) var bodies: LicenceBodies?
  private(set) var order: KeyOrder?
  private(set) var named = NamedFacts()
  /// The files of exchange folders, by the names of these.
  private(set) var exchange: [String: (files: Int, bytes: Int64)] = [:]
  /// How many bodies of statistics, and how many texts in them have no form that could be checked.
  private(set) var statistics: (bodies: Int, texts: Int) = (0, 0)
  /// How many files are of no kind that is known here.
  private(set) var unknown = 0

  /// Words of nothing yet.
  ///
  /// - Parameter isDelivery: whether it goes to a site, where keys are installed, and not out of one.
  package init(isDelivery: Bool = false) { self.isDelivery = isDelivery }

  // MARK: - Reading

  /// Begins a document.
  ///
  /// - Parameters:
  ///   - path: where it lies in the parcel: `licence/licences.jsonl`.
  ///   - size: its bytes.
  package mutating func begin(_ path: String, size: Int64) {
    self.path = path
    let parts = path.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 2).map { String(Substring($0)) }
    switch path {
    case "licence/\(LicenceDocument.fileName)":
      reading = .licences(LicenceDocumentReader(name: LicenceDocument.fileName))
      licences = LicenceFacts()
    case "keys/\(LicenceBodies.fileName)", "keys/\(KeyOrder.fileName)", "ksn/\(KSNDocument.fileName)":
      reading = .whole([])
    case _ where parts.count == 3 && parts[0] == "exchange":
      let known = exchange[parts[1]] ?? (0, 0)
      exchange[parts[1]] = (known.files + 1, known.bytes + size)
      reading = .closed
    case _ where parts.count == 3 && parts[0] == "ksn" && parts[1] == "statistics":
      reading = .whole([])
    default:
      unknown += 1
      reading = .closed
    }
  }

  /// Takes the next bytes of the document.
  ///
  /// A document that cannot be read counts as a file that nobody has checked.
  package mutating func take(_ bytes: some Collection<UInt8>) {
    switch reading {
    case .closed: return
    case .whole(var known):
      // The one copy is moved out and back, not copied with each piece.
      reading = .closed
      known += bytes
      reading = .whole(known)
    case .licences(var reader):
      reading = .closed
      var facts = licences ?? LicenceFacts()
      do {
        try reader.take(bytes) { facts.count($0) }
        licences = facts
        reading = .licences(reader)
      } catch {
        noteUnreadable()
      }
    }
  }

  /// Ends the document.
  package mutating func end() {
    do {
      switch reading {
      case .closed: break
      case .licences(let reader): try reader.finish()
      case .whole(let bytes): try read(bytes)
      }
    } catch {
      noteUnreadable()
    }
    reading = .closed
  }

  private mutating func noteUnreadable() {
    if case .whole = reading {} else { licences = nil }
    unknown += 1
    reading = .closed
  }

  private mutating func read(_ bytes: [UInt8]) throws {
    switch path {
    case "keys/\(LicenceBodies.fileName)":
      let found = try LicenceBodies(parsing: bytes)
      for name in found.serials where !isDelivery { named.count(name, as: LicenceField.serial, or: KeyFileField.name) }
      if isDelivery { for name in found.serials { named.count(name, as: KeyFileField.name) } }
      bodies = found
    case "keys/\(KeyOrder.fileName)":
      let found = try KeyOrder(parsing: bytes)
      if !found.note.isEmpty { named.count(personal: "note") }
      order = found
    case "ksn/\(KSNDocument.fileName)":
      let document = try KSNDocument(parsing: bytes)
      named.add(document.named)
      ksn = document
    default:
      statistics = (statistics.bodies + 1, statistics.texts + StatisticsTexts(parsing: bytes).unchecked)
    }
  }

  // MARK: - Words

  /// The lines, none with more than 80 characters.
  package var lines: [String] {
    var lines = paragraph("In short", inShort)
    if let licences { lines += paragraph("Licences", Self.words(licences)) }
    if let ksn { lines += paragraph("KSN", Self.words(ksn)) }
    if let bodies, !isDelivery { lines += paragraph("Bodies of keys", Self.words(bodies)) }
    if let bodies, isDelivery { lines += paragraph("Keys to install", Self.words(bodies, order ?? KeyOrder())) }
    if !exchange.isEmpty { lines += paragraph("Exchange folders", exchangeWords) }
    return Array(lines.dropLast())
  }

  private var inShort: [String] {
    var named = named
    if let licences { named.add(licences.named) }
    let fields = named.personal.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }
    let devices = named.devices + (named.namesServer ? 1 : 0)
    let open = unchecked
    let secrets = bodies.map { $0.count > 0 ? ["bodies of keys (\($0.count))"] : [] } ?? []
    let others = named.others > 0 ? ["attributes of the server (\(named.others))"] : []
    return [
      "Names of persons, organisations or addresses: "
        + Self.answer(fields.joined(separator: ", "), open + others + secrets),
      "Names of devices: " + Self.answer(devices == 0 ? "" : "(\(devices))", open + others),
      "Bodies of keys (secrets): " + Self.answer(secrets.isEmpty ? "" : "(\(bodies?.count ?? 0))", []),
    ]
  }

  /// `NO`, `YES: …`, or what nobody can tell.
  private static func answer(_ found: String, _ unchecked: [String]) -> String {
    let yes = found.isEmpty ? "" : found.hasPrefix("(") ? "YES \(found)" : "YES: \(found)"
    let open = unchecked.isEmpty ? "" : "NOT CHECKED in \(unchecked.joined(separator: ", "))"
    let said = [yes, open].filter { !$0.isEmpty }
    return said.isEmpty ? "NO" : said.joined(separator: "; ")
  }

  /// What can hold anything, and nobody has looked at.
  private var unchecked: [String] {
    let files = exchange.values.clampedSum { $0.files }
    return [
      ("names and content of files of exchange folders", files), ("names of bodies of statistics", statistics.bodies),
      ("texts in these", statistics.texts), ("other files", unknown),
    ]
    .filter { $0.1 > 0 }.map { "\($0.0) (\($0.1))" }
  }

  private var exchangeWords: [String] {
    exchange.sorted { $0.key < $1.key }.map { name, what in
      "Exchange folder \(name): \(Words.count(what.files, "file")), \(Words.exactBytes(what.bytes))."
    } + ["These files leave as they are, by the names below."]
  }

  private func paragraph(_ head: String, _ sentences: [String]) -> [String] {
    [head] + sentences.flatMap { TextColumns.wrapped("- " + $0, to: 76, indent: "  ").map { "  " + $0 } } + [""]
  }
}
