import Curl
import MirrorTypes

extension PercentEncoding {
  /// Puts `path` behind `address`, with one slash between them.
  ///
  /// - Throws: ``TransferError/Reason/invalidURL(_:)`` for parts such as `..` that a server would resolve elsewhere.
  static func append(_ path: String, to address: String) throws(TransferError) -> String {
    for part in path.utf8.split(separator: slash, omittingEmptySubsequences: false) where part.count <= 2 {
      guard part.isEmpty || !part.allSatisfy({ $0 == UInt8(ascii: ".") }) else {
        throw TransferError(.invalidURL("\(String(path.prefix(200)).debugDescription) leaves its folder"))
      }
    }
    let rest = path.drop { $0 == "/" }
    return (address.hasSuffix("/") ? address : address + "/") + PercentEncoding.encoded(rest)
  }

  private static let slash = UInt8(ascii: "/")
}
