import MirrorTypes
import NIOHTTP1

/// How an answer's bytes are packed for the way (RFC 9110, section 8.4.1).
enum ContentCoding: String, CaseIterable, Sendable {
  case zstd
  case gzip

  /// The codings that a client takes, the best one first; none where the file as it is does as well.
  ///
  /// A client that sends no `Accept-Encoding` may be one that cannot unpack: it gets the file as it is.
  static func accepted(by headers: HTTPHeaders) -> [ContentCoding] {
    let fields = headers["accept-encoding"]
    guard !fields.isEmpty else { return [] }
    var quality: [ContentCoding: Double] = [:]
    var other: Double?
    for item in fields.joined(separator: ",").split(separator: ",").prefix(32) {
      let parts = item.split(separator: ";", maxSplits: 1)
      guard let first = parts.first else { continue }
      let value = parts.count > 1 ? weight(parts[1]) : 1
      let name = first.trimmingBlanks.lowercased()
      if name == "*" {
        other = value
      } else if let coding = ContentCoding(rawValue: name == "x-gzip" ? "gzip" : name) {
        quality[coding] = value
      }
    }
    let ranked = allCases.map { ($0, quality[$0] ?? other ?? 0) }.filter { $0.1 > 0 }
    // The sort keeps the order of equals: the better packer first.
    return ranked.enumerated().sorted { ($1.element.1, $0.offset) < ($0.element.1, $1.offset) }.map(\.element.0)
  }

  private static func weight(_ text: Substring) -> Double {
    let parameter = text.trimmingBlanks
    guard parameter.lowercased().hasPrefix("q=") else { return 1 }
    return Double(parameter.dropFirst(2)).map { $0.isFinite ? min(max($0, 0), 1) : 0 } ?? 0
  }
}
