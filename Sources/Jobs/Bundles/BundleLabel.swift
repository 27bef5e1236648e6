import BundleFormat
import Languages
import MirrorTypes
import StoreTrust
import Trust

/// The label of a bundle: a text that a guard can read, signed by the key that signs the newest state.
///
/// All of it is signed, and so is the language that it is in. What a receiver reads does not depend on that: the line with
/// the signature, and the one with the digest of the list of files.
package struct BundleLabel {
  /// The most bytes that a label may have.
  static let maximumSize = 16 << 10
  /// The most bytes that the list of a bundle's files may have.
  package static let maximumManifest = 16 << 20

  /// It stands before the signature in every language, and so do at least as many blanks before a digest.
  private static let signatureWord = "Signature  "
  /// The first line, by which people and programs know a label.
  private static let title = "KSCMIRROR BUNDLE"

  /// What the label tells.
  package struct Facts {
    package var snapshot: SignedSnapshot
    package var bundle: BundleFacts
    package var volumes: Int
    package var version: Int
    package var expires: UTCTime
    package var root: Fingerprint
    /// The names of packages of this program that ride along.
    package var programs: [String]

    package init(
      snapshot: SignedSnapshot,
      bundle: BundleFacts,
      volumes: Int,
      version: Int,
      expires: UTCTime,
      root: Fingerprint,
      programs: [String] = []
    ) {
      self.programs = programs
      self.snapshot = snapshot
      self.bundle = bundle
      self.volumes = volumes
      self.version = version
      self.expires = expires
      self.root = root
    }
  }

  /// Writes and signs a label.
  ///
  /// - Parameters:
  ///   - facts: what it tells.
  ///   - manifest: the SHA-256 of the list of the bundle's files.
  ///   - key: the timestamp key.
  ///   - language: what it is written in.
  package static func text(
    _ facts: Facts,
    manifest: ObjectDigest,
    key: SigningKey,
    in language: Language
  ) throws -> String {
    let snapshot = facts.snapshot
    let kind = language.text(facts.bundle.base == nil ? .full : .incremental)
    var lines: [(Phrase, [String])] = [
      (.what, [language.text(.databasesAndUpdates, kind)]),
      (.site, [facts.bundle.site ?? language.text(.anySite)]),
      (.snapshot, state(of: snapshot, in: language)),
      (.files, ["\(snapshot.fileCount), \(language.exactBytes(snapshot.totalBytes))"]),
      (.volumes, ["\(facts.volumes)"]),
      (.version, [language.text(.expiresOn, "\(facts.version)", language.moment(facts.expires))]),
      (.madeBy, [snapshot.generator]),
      (.root, facts.root.lines),
      (.contentsList, [language.text(.digestOf, BundleNames.manifest), manifest.hex]),
      (.key, [key.id]),
    ]
    if !facts.programs.isEmpty { lines.insert((.program, facts.programs), at: 5) }
    let check = language.text(.toCheck, "sha256sum -c \(BundleNames.manifest)")
    let head = "\(title)\n\n\(columns(lines, in: language))\n\(check)\n\n"
    return head + signatureWord + hex(try key.signature(for: Array(head.utf8))) + "\n"
  }

  /// Which state it is: when it was sealed, and from when its databases are, which may be long before.
  private static func state(of snapshot: SignedSnapshot, in language: Language) -> [String] {
    let sealed = language.text(.sealed, "\(snapshot.number)", language.moment(snapshot.created))
    let date = SnapshotAge(snapshot.notes).date
    return [sealed] + (date.map { [language.text(.databasesDated, language.moment($0))] } ?? [])
  }

  /// Words in a column, and behind each what it is, in one line or several.
  private static func columns(_ lines: [(Phrase, [String])], in language: Language) -> String {
    let words = lines.map { language.text($0.0) }
    let width = max(signatureWord.count, (words.map(\.count).max() ?? 0) + 2)
    return zip(words, lines).map { word, line in
      let blanks = String(repeating: " ", count: width)
      return word + blanks.dropFirst(word.count) + line.1.joined(separator: "\n" + blanks) + "\n"
    }.joined()
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// Checks a label, and that the list of files is the one that it names.
  ///
  /// - Returns: what is wrong; `nil` when all is right.
  static func problem(_ label: [UInt8], manifest: [UInt8], root: RootMetadata) -> String? {
    let text = String(decoding: label, as: UTF8.self)
    guard let place = text.range(ofLast: signatureWord), text.hasSuffix("\n") else { return "it has no signature" }
    let head = Array(text[..<place.lowerBound].utf8)
    guard let signature = bytes(text[place.upperBound...].dropLast()) else { return "its signature is malformed" }
    let role = root.keys(of: .timestamp)
    guard role.keyIDs.contains(where: { root.keys[$0]?.isValid(signature, for: head) == true }) else {
      return "its signature is wrong"
    }
    guard
      text.contains(String(repeating: " ", count: signatureWord.count) + ObjectDigest.sha256(of: manifest).hex + "\n")
    else {
      return "\(BundleNames.manifest) is not the one that it names"
    }
    return nil
  }

  private static func bytes(_ hex: Substring) -> [UInt8]? {
    let digits = Array(hex)
    guard digits.count == 128 else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = digits[index].hexDigitValue, let low = digits[index + 1].hexDigitValue,
        digits[index].isASCII, !digits[index].isUppercase, digits[index + 1].isASCII, !digits[index + 1].isUppercase
      else { return nil }
      bytes.append(UInt8(high << 4 | low))
    }
    return bytes
  }
}

extension String {
  /// Where a text stands last.
  fileprivate func range(ofLast text: String) -> Range<String.Index>? {
    var found: Range<String.Index>?
    var start = startIndex
    while let range = self[start...].firstRange(of: text) {
      found = range
      start = range.upperBound
    }
    return found
  }
}
