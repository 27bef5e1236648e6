import Bundles
import FileSystem
import FoundationEssentials
import JobCore
import Journal
import Languages
import MirrorTypes
import StoreTrust
import SystemPackage
import Trust
import VendorChecks

/// What an import has verified, on a sheet for the security officer: as text and as JSON.
struct EvidenceSheet: Encodable {
  /// What the text is written in; the JSON does not depend on it.
  private let language: Language
  private let kind = "kscmirror evidence"
  private let version = 1
  private let program: String
  private let imported: ImportReport
  private let when: UTCTime
  private let at: String
  private let user: String
  private let host: String
  private let rootFingerprint: String
  private let signers: [Signer]
  private let acceptedExpired: [String]
  private let volumes: [Volume]
  private let treeDigest: String
  private let algorithms = Self.algorithms(in: .english)
  private let journal: String

  private enum CodingKeys: String, CodingKey {
    case kind, version, program, imported, at, user, host, rootFingerprint, signers, acceptedExpired, volumes,
      treeDigest
    case algorithms, journal
  }

  private struct Signer: Encodable {
    let role: String
    let threshold: Int
    let keys: [String]
  }

  private struct Volume: Encodable {
    let name: String
    let bytes: Int64
    let sha256: String
  }

  init(
    _ report: ImportReport,
    _ bundle: VerifiedBundle,
    journal position: JournalPosition,
    at time: UTCTime,
    in language: Language
  ) {
    self.language = language
    when = time
    program = Program.generator
    imported = report
    at = time.text
    let who = Operator.current
    user = who.user
    host = who.host
    rootFingerprint = bundle.trusted.rootFingerprint.description
    signers = TopRole.allCases.map { role in
      let keys = bundle.trusted.root.keys(of: role)
      return Signer(role: role.rawValue, threshold: keys.threshold, keys: keys.keyIDs.sorted())
    }
    acceptedExpired = bundle.trusted.tolerated
    volumes = bundle.volumes.map { volume in
      Volume(name: bundle.facts.naming.file(of: volume).text, bytes: volume.size, sha256: volume.sha256.hex)
    }
    treeDigest = bundle.snapshot.treeDigest.hex
    journal = position.description
  }

  /// Writes both sheets.
  ///
  /// - Returns: their paths.
  func write(to place: Place) throws -> [String] {
    let stem = "\(imported.bundle)-evidence-\(journal.prefix { $0 != ":" })"
    try ReportFolder.make(place)
    let (text, json) = (place.appending(stem + ".txt"), place.appending(stem + ".json"))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try text.replace(with: Array(self.text.utf8), permissions: ReportFolder.filePermissions)
    try json.replace(
      with: Array(try encoder.encode(self)) + [UInt8(ascii: "\n")],
      permissions: ReportFolder.filePermissions
    )
    return ["\(text)", "\(json)"]
  }

  private var text: String {
    let language = language
    let site = imported.site.map { language.text(.forOneSite, $0) } ?? language.text(.forAnySite)
    let objects = language.count(imported.newObjects, .objects)
    let expires = language.moment(imported.expires)
    var lines = [language.text(.evidenceTitle), ""]
    let databases = imported.indexDate.map { [("", language.text(.databasesDated, language.moment($0)))] } ?? []
    lines += Self.columns(
      [
        (language.text(.when), language.moment(when)), (language.text(.who), user), (language.text(.host), host),
        (language.text(.program), program), nil,
        (language.text(.bundle), language.text(.bundleFor, imported.bundle, site)),
        (language.text(.snapshot), language.text(.sealed, "\(imported.snapshot)", language.moment(imported.created))),
      ] + databases + [
        (language.text(.metadata), language.text(.metadataVersion, "\(imported.version)", expires)),
        (language.text(.outcome), language.text(imported.outcome.phrase)),
        (language.text(.files), "\(imported.files), \(language.exactBytes(imported.bytes))"),
        (language.text(.newHead), "\(objects), \(language.exactBytes(imported.newBytes))"),
        (language.text(.tree), treeDigest), nil, (language.text(.root), rootFingerprint),
      ]
    )
    lines += signers.map { signer in
      "  " + language.text(.signers, signer.role, "\(signer.threshold)", signer.keys.joined(separator: ", "))
    }
    if !acceptedExpired.isEmpty {
      lines.append(language.text(.expiredAccepted, acceptedExpired.joined(separator: ", ")))
    }
    lines += ["", language.text(.volumes)]
    lines += volumes.map { "  \($0.sha256)  \($0.name)  \(language.exactBytes($0.bytes))" }
    lines += ["", language.text(.vendorSignatures)] + vendorLines
    lines += ["", language.text(.algorithms)] + Self.algorithms(in: language).map { "  \($0)" }
    lines += [""] + Self.columns([(language.text(.journal), journal)]) + [""]
    return lines.map(ShownText.escaped).joined(separator: "\n")
  }

  private static func algorithms(in language: Language) -> [String] {
    [
      language.text(.metadataAlgorithm, MetadataHeader.specificationVersion), language.text(.volumeAlgorithm),
      language.text(.vendorAlgorithm),
    ]
  }

  /// Words in a column, and behind each what it is; an empty line where there is no word.
  private static func columns(_ lines: [(word: String, value: String)?]) -> [String] {
    let width = max(12, (lines.compactMap { $0?.word.count }.max() ?? 0) + 2)
    return lines.map { line in
      line.map { $0.word + String(repeating: " ", count: width - $0.word.count) + $0.value } ?? ""
    }
  }

  private var vendorLines: [String] {
    guard let vendor = imported.vendor else { return ["  " + language.text(.vendorOff)] }
    let (indexes, files) = (language.count(vendor.indexes, .indexes), language.count(vendor.files, .files))
    return [
      "  " + language.text(.verified, indexes, files),
      "  " + language.text(.notVerifiable, language.count(vendor.notVerifiable, .files)),
    ] + vendor.olderIndexes.map { "  " + language.text(.olderThanHere, $0) }
  }
}

extension ImportReport.Outcome {
  fileprivate var phrase: Phrase {
    switch self {
    case .verified: .verifiedOutcome
    case .same: .sameOutcome
    case .held: .heldOutcome
    case .taken: .takenOutcome
    case .published: .publishedOutcome
    }
  }
}
