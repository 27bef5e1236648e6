/// What a parcel's documents carry, in plain words, for the guard at the gate who decides whether it may leave: part of
/// the list that lies beside a parcel. The same documents give the same words.
public struct ParcelWords: Sendable {
  /// What the document of licences carries, if there is one.
  public var licences: LicenceFacts?
  /// The document of KSN as it is written, if there is one.
  public var ksn: KSNDocument?
  /// How many bodies of keys are inside: secrets.
  public var bodyCount = 0
  /// The keys that are sent to a site, if there are such.
  public var keysToInstall: LicenceBodies?
  /// What is wanted of these keys.
  public var order = KeyOrder()

  /// Words of nothing yet.
  public init() {}

  /// The lines, none with more than 80 characters.
  public var lines: [String] {
    var lines = paragraph("In short", inShort)
    if let licences { lines += paragraph("Licences", Self.words(licences)) }
    if let ksn { lines += paragraph("KSN", Self.words(ksn)) }
    if bodyCount > 0 {
      lines += paragraph(
        "Bodies of keys",
        ["\(Words.count(bodyCount, "key")) in full. Whoever can open the parcel can install them. They are SECRETS."]
      )
    }
    if let keysToInstall { lines += paragraph("Keys to install", Self.words(keysToInstall, order)) }
    return Array(lines.dropLast())
  }

  private var inShort: [String] {
    var named: [String: Int] = licences?.personal ?? [:]
    for (name, count) in ksn?.personalFields ?? [:] { named[name, default: 0] += count }
    let fields = named.sorted { $0.key < $1.key }.map { "\(PlainWords.word($0.key)) (\($0.value))" }
      .joined(separator: ", ")
    let servers = licences?.namesServer == true || ksn?.namesServer == true ? 1 : 0
    let bodyCount = bodyCount + (keysToInstall?.count ?? 0)
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
