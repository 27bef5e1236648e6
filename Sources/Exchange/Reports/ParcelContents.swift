import MirrorTypes

/// The text `CONTENTS.txt` that lies beside a parcel: what it holds, in plain words, for the guard at the gate who
/// decides whether it may leave. The same contents give the same bytes.
public struct ParcelContents: Sendable {
  /// A file in the parcel.
  public struct File: Hashable, Sendable {
    /// Its name.
    public let name: String
    /// Its size in bytes.
    public let size: Int
    /// The SHA-256 of its plain content, before it is sealed.
    public let digest: Digest256

    /// A file.
    public init(name: String, size: Int, digest: Digest256) {
      self.name = name
      self.size = size
      self.digest = digest
    }

    /// A file with the bytes that it has.
    public init(name: String, bytes: [UInt8]) {
      self.init(name: name, size: bytes.count, digest: .sha256(bytes))
    }
  }

  /// The site.
  public var site: String
  /// When the parcel was made.
  public var made: UTCTime
  /// The parcel's number, if it has one.
  public var number: Int?
  /// What the document of licences carries, if there is one.
  public var licences: LicenceFacts?
  /// The document of KSN as it is written, if there is one.
  public var ksn: KSNDocument?
  /// How many bodies of keys are inside: secrets.
  public var bodyCount = 0
  /// The files.
  public var files: [File] = []

  /// The name of the text.
  public static let fileName = "CONTENTS.txt"

  /// The contents of a parcel of a site.
  public init(site: String, made: UTCTime, number: Int? = nil) {
    self.site = site
    self.made = made
    self.number = number
  }

  /// The text.
  public var text: String {
    var lines = ["CONTENTS OF THIS PARCEL", ""]
    lines.append("Site        \(SafeText.printable(site))")
    if let number { lines.append("Number      \(number)") }
    lines += ["Made        \(made.text)", ""]
    lines += paragraph("In short", inShort)
    if let licences { lines += paragraph("Licences", Self.words(licences)) }
    if let ksn { lines += paragraph("KSN", Self.words(ksn)) }
    if bodyCount > 0 {
      lines += paragraph(
        "Bodies of keys",
        ["\(Words.count(bodyCount, "key")) in full. Whoever can open the parcel can install them. They are SECRETS."]
      )
    }
    lines += ["Files (size in bytes, SHA-256 of the content before sealing)"]
    let ordered = files.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    let width = ordered.map { String($0.size).count }.max() ?? 0
    for file in ordered {
      let size = String(file.size)
      lines.append("  \(SafeText.printable(file.name))")
      lines.append("    \(String(repeating: " ", count: width - size.count))\(size)  \(file.digest.hex)")
    }
    if files.isEmpty { lines.append("  none") }
    return lines.joined(separator: "\n") + "\n"
  }

  private var inShort: [String] {
    var named: [String: Int] = licences?.personal ?? [:]
    for (name, count) in ksn?.personalFields ?? [:] { named[name, default: 0] += count }
    let fields = named.sorted { $0.key < $1.key }.map { "\(PlainWords.word($0.key)) (\($0.value))" }
      .joined(separator: ", ")
    let servers = licences?.namesServer == true || ksn?.namesServer == true ? 1 : 0
    let devices = (licences?.namedDevices ?? 0) + servers
    return [
      "Names of persons, organisations or addresses: \(fields.isEmpty ? "NO" : "YES: \(fields)")",
      "Names of devices: \(devices == 0 ? "NO" : "YES (\(devices))")",
      "Bodies of keys (secrets): \(bodyCount == 0 ? "NO" : "YES (\(bodyCount))")",
    ]
  }

  private func paragraph(_ head: String, _ sentences: [String]) -> [String] {
    [head] + sentences.flatMap { TextColumns.wrapped("- " + $0, to: 76, indent: "  ").map { "  " + $0 } } + [""]
  }
}
