import Bundles
import FileSystem
import FoundationEssentials
import JobCore
import Journal
import MirrorTypes
import StoreTrust
import SystemPackage
import Trust
import VendorChecks

/// What an import has verified, on a sheet for the security officer: as text and as JSON.
struct EvidenceSheet: Encodable {
  private let kind = "kscmirror evidence"
  private let version = 1
  private let program: String
  private let imported: ImportReport
  private let at: String
  private let user: String
  private let host: String
  private let rootFingerprint: String
  private let signers: [Signer]
  private let acceptedExpired: [String]
  private let volumes: [Volume]
  private let treeDigest: String
  private let algorithms = [
    "metadata: Ed25519 over canonical JSON, TUF \(MetadataHeader.specificationVersion)",
    "volumes and files: SHA-256",
    "vendor: GOST R 34.10-2012 (256 bit), Streebog-256",
  ]
  private let journal: String

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

  init(_ report: ImportReport, _ bundle: VerifiedBundle, journal position: JournalPosition, at time: UTCTime) {
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
    var lines = [
      "EVIDENCE OF AN IMPORT", "",
      "When        \(at)", "Who         \(user)", "Where       \(host)", "Program     \(program)", "",
      "Bundle      \(imported.bundle), for \(imported.site.map { "site \($0)" } ?? "any site")",
      "Snapshot    \(imported.snapshot), sealed \(imported.created.text)",
      "Metadata    version \(imported.version), expires \(imported.expires.text)",
      "Outcome     \(imported.outcome.rawValue)",
      "Files       \(imported.files), \(Words.exactBytes(imported.bytes))",
      "New         \(Words.count(imported.newObjects, "object")), \(Words.exactBytes(imported.newBytes))",
      "Tree        \(treeDigest)", "",
      "Root        \(rootFingerprint)",
    ]
    for signer in signers {
      lines.append("  \(signer.role): \(signer.threshold) of \(signer.keys.joined(separator: ", "))")
    }
    if !acceptedExpired.isEmpty { lines.append("Expired and accepted: \(acceptedExpired.joined(separator: ", "))") }
    lines += ["", "Volumes"] + volumes.map { "  \($0.sha256)  \($0.name)  \(Words.exactBytes($0.bytes))" }
    lines += ["", "The vendor's signatures"] + vendorLines + ["", "Algorithms"] + algorithms.map { "  \($0)" }
    lines += ["", "Journal     \(journal)", ""]
    return lines.map(ShownText.escaped).joined(separator: "\n")
  }

  private var vendorLines: [String] {
    guard let vendor = imported.vendor else { return ["  not looked at (vendor_signatures = \"off\")"] }
    return [
      "  \(Words.count(vendor.indexes, "index", "indexes")) and \(Words.count(vendor.files, "file")) verified",
      "  \(Words.count(vendor.notVerifiable, "file")) not verifiable, without a signature that can be checked",
    ] + vendor.olderIndexes.map { "  older than what was here: \($0)" }
  }
}
