import Languages
import MirrorTypes

/// What a parcel carries, in plain words, for the guard at the gate who decides whether it may leave: part of the list
/// that lies beside a parcel.
///
/// It is given the very bytes that are sealed, as they are sealed, and reads them again as whoever opens the parcel will:
/// nothing that it says comes from an option, or from whoever has made the documents. The same documents give the same
/// words in one language; nobody who reads the parcel depends on them.
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
  /// What the words are in.
  let language: Language
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
  /// - Parameters:
  ///   - isDelivery: whether it goes to a site, where keys are installed, and not out of one.
  ///   - language: what the words are in.
  package init(isDelivery: Bool = false, language: Language = .english) {
    self.isDelivery = isDelivery
    self.language = language
  }

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
      if !found.note.isEmpty { named.count(personal: .note) }
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
    var lines = paragraph(.inShort, inShort)
    if let licences { lines += paragraph(.licences, words(licences)) }
    if let ksn { lines += paragraph(.ksn, words(ksn)) }
    if let bodies, !isDelivery { lines += paragraph(.bodiesOfKeysHead, words(bodies)) }
    if let bodies, isDelivery { lines += paragraph(.keysToInstall, words(bodies, order ?? KeyOrder())) }
    if !exchange.isEmpty { lines += paragraph(.exchangeFolders, exchangeWords) }
    return Array(lines.dropLast())
  }

  private var inShort: [String] {
    var named = named
    if let licences { named.add(licences.named) }
    let fields = named.personal.map { "\(language.word($0.key)) (\($0.value))" }.sorted()
    let devices = named.devices + (named.namesServer ? 1 : 0)
    let open = unchecked
    let keys = bodies?.count ?? 0
    let secrets = keys > 0 ? [counted(.bodiesOfKeys, keys)] : []
    let others = named.others > 0 ? [counted(.serverAttributes, named.others)] : []
    return [
      language.text(.namesOfPersons, answer(fields.joined(separator: ", "), open + others + secrets)),
      language.text(.namesOfDevices, answer(devices == 0 ? "" : "(\(devices))", open + others)),
      language.text(.secrets, answer(keys == 0 ? "" : "(\(keys))", [])),
    ]
  }

  /// `NO`, `YES: …`, or what nobody can tell.
  private func answer(_ found: String, _ unchecked: [String]) -> String {
    let yes = found.isEmpty ? "" : language.text(.yes) + (found.hasPrefix("(") ? " " : ": ") + found
    let open = unchecked.isEmpty ? "" : language.text(.notChecked, unchecked.joined(separator: ", "))
    let said = [yes, open].filter { !$0.isEmpty }
    return said.isEmpty ? language.text(.no) : said.joined(separator: "; ")
  }

  /// What can hold anything, and nobody has looked at.
  private var unchecked: [String] {
    let files = exchange.values.clampedSum { $0.files }
    let open: [(Phrase, Int)] = [
      (.exchangeFiles, files), (.statisticsNames, statistics.bodies), (.statisticsTexts, statistics.texts),
      (.otherFiles, unknown),
    ]
    return open.filter { $0.1 > 0 }.map(counted)
  }

  private func counted(_ phrase: Phrase, _ count: Int) -> String { "\(language.text(phrase)) (\(count))" }

  private var exchangeWords: [String] {
    exchange.sorted { $0.key < $1.key }.map { name, what in
      language.text(.exchangeFolder, name, language.count(what.files, .files), language.exactBytes(what.bytes))
    } + [language.text(.filesLeave)]
  }

  private func paragraph(_ head: Phrase, _ sentences: [String]) -> [String] {
    [language.text(head)] + sentences.flatMap { TextColumns.wrapped("- " + $0, to: 76, indent: "  ").map { "  " + $0 } }
      + [""]
  }
}
