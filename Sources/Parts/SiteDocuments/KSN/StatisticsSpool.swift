import SystemPackage

/// A folder into which somebody puts bodies of statistics: `NAME.json`, one body each, to be delivered under `NAME`.
///
/// Where the files come from is the administrator's matter: the vendor's programs do not write them. Only plain files
/// are read, by sound names, within bounds; all else in the folder is skipped and counted.
package struct StatisticsSpool: Sendable {
  /// The bodies with what may leave, in the order of their names.
  package let bodies: [StatisticsBody]
  /// The files that are refused, each with the reason.
  package let refused: [ExchangeError]
  /// How many names are no plain files of a sound name.
  package let skipped: Int

  /// The most names in a spool.
  package static let maximumCount = KSNDocument.maximumCount
  /// The most bytes of all bodies together, as they were read.
  package static let maximumTotal = 64 << 20

  /// Reads a spool.
  ///
  /// - Parameter schema: what of each body may leave.
  /// - Throws: ``ExchangeError`` if the folder cannot be read, or has more than it may have. A file that is not what it
  ///   should be is among ``refused``.
  package init(_ path: FilePath, schema: StatisticsSchema) throws(ExchangeError) {
    var unnamed = 0
    let folder = try PlainFolder(path, atMost: Self.maximumCount) { file in
      let isNamed = StatisticsName.name(ofFile: file) != nil
      unnamed += isNamed ? 0 : 1
      return isNamed
    }
    var bodies: [StatisticsBody] = []
    var refused: [ExchangeError] = []
    var total = 0
    for entry in folder.entries {
      guard let name = StatisticsName.name(ofFile: entry.name) else { continue }
      do throws(ExchangeError) {
        let bytes = try folder.bytes(of: entry.name, atMost: StatisticsBody.maximumSize)
        total += bytes.count
        bodies.append(try StatisticsBody(name: name, parsing: bytes, schema: schema))
      } catch {
        refused.append(error)
      }
      guard total <= Self.maximumTotal else {
        throw .document(name: path.string, line: nil, .tooLong(limit: Self.maximumTotal))
      }
    }
    self.bodies = bodies
    self.refused = refused
    skipped = folder.skipped + unnamed
  }
}
