import FileSystem
import Glibc
import JobCore
import MirrorTypes
import StoreTrust
import SystemPackage
import Trust

/// Whether private keys are there and nobody else's to read, and when what is signed with them expires.
struct KeysCheck: DoctorCheck {
  func findings(in patient: Patient) -> [Finding] {
    guard patient.store != nil else { return [] }
    let files = patient.found("keys.permissions") { try Self.permissions(patient.folders.keys) }
    guard patient.isSigning else {
      guard patient.isConnected else { return files }
      return files + patient.found("keys.present") { try [Self.missing(patient)] }
    }
    return files + patient.found("keys.present") { try Self.keys(patient) }
      + patient.found("keys.expiry") { try Self.expiry(patient) }
  }

  /// There are none, or none any more.
  private static func missing(_ patient: Patient) throws -> Finding {
    guard try KeysJob.areLost(in: patient.folders) else {
      return .warning(
        "keys.present",
        "there are no keys to sign bundles with",
        remedy: "Make them with 'kscmirror keys init', once."
      )
    }
    return .error(
      "keys.present",
      "the keys that sign bundles are lost: \(patient.folders.metadata.appending("root.json")) lists them, and they are not in \(patient.folders.keys)",
      remedy: KeysJob.lostKeys
    )
  }

  private static func permissions(_ folder: FilePath) throws -> [Finding] {
    guard let status = try Files.status(folder) else { return [] }
    guard status.kind == .folder else {
      return [.error("keys.permissions", "\(folder) is not a folder", remedy: "Put the keys' folder back.")]
    }
    var open: [FilePath] = status.permissions & 0o077 == 0 ? [] : [folder]
    var foreign: [FilePath] = status.owner == geteuid() ? [] : [folder]
    for entry in try Files.entries(of: folder, atMost: 10_000) {
      let file = folder.appending(entry.name)
      guard let status = try Files.status(file) else { continue }
      if status.kind != .file || status.permissions & 0o177 != 0 { open.append(file) }
      if status.owner != geteuid() { foreign.append(file) }
    }
    if let first = open.first {
      return [
        .error(
          "keys.permissions",
          "private keys can be read by other users: \(first)\(Words.more(than: 1, of: open.count))",
          remedy:
            "Run 'chmod 700 \(folder) && chmod 600 \(folder)/*'. If others could read them, make new ones with 'kscmirror keys rotate'."
        )
      ]
    }
    if let first = foreign.first {
      return [
        .warning(
          "keys.permissions",
          "\(first) belongs to another user than this one",
          remedy: "Run kscmirror as the user whose the store is."
        )
      ]
    }
    return [.ok("keys.permissions", "private keys can be read by their owner only")]
  }

  private static func keys(_ patient: Patient) throws -> [Finding] {
    _ = try OnlineKeys(in: patient.folders)
    let pending = PendingRoot(patient.folders)
    guard try pending.current() != nil else {
      return [
        .warning(
          "keys.present",
          "\(pending.path) waits for signatures: nothing is signed yet",
          remedy: "Have the others sign it with 'kscmirror keys sign', then run 'kscmirror keys accept'."
        )
      ]
    }
    guard try SealingKeys(in: patient.context).current() != nil else {
      return [
        .warning("keys.present", "there is no key that sites can seal parcels to", remedy: "Run 'kscmirror pack' once.")
      ]
    }
    return [.ok("keys.present", "all online keys can be read")]
  }

  private static func expiry(_ patient: Patient) throws -> [Finding] {
    guard let root = try PendingRoot(patient.folders).current() else { return [] }
    let body = try RootMetadata(root.signed)
    var findings = [
      Expiry(
        name: "keys.root-expiry",
        what: "the root metadata",
        remedy: "Sign a new one with 'kscmirror keys rotate root'.",
        early: 60 * 86_400
      ).finding(body.header.expires, now: patient.now)
    ]
    let stored = try FileCache(patient.folders.metadata).load("timestamp.json")
    let signed = stored.flatMap { try? SignedMetadata(parsing: $0) }
    if let timestamp = signed.flatMap({ try? TimestampMetadata($0.signed) }) {
      findings.append(
        Expiry(
          name: "keys.expiry",
          what: "what is signed here",
          remedy: "Run 'kscmirror sync', which signs it again.",
          early: 7 * 86_400
        ).finding(timestamp.header.expires, now: patient.now)
      )
    }
    return findings
  }
}

/// Judges when something expires.
struct Expiry {
  let name: String
  let what: String
  let remedy: String
  /// How long before its end a warning is due, in seconds.
  let early: Int64

  func finding(_ end: UTCTime, now: UTCTime) -> Finding {
    let text = "\(what) expires on \(end.text)"
    if end <= now { return .error(name, "\(what) expired on \(end.text)", remedy: remedy) }
    return end.seconds(since: now) < early ? .warning(name, text, remedy: remedy) : .ok(name, text)
  }
}
