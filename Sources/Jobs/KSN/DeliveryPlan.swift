import JobCore
import MirrorTypes
import SiteDocuments

/// What of a site's bodies of statistics is to be handed to KSN.
struct DeliveryPlan {
  /// A body.
  struct Item {
    let site: String
    /// The number of the parcel that it came in.
    let number: Int64
    let body: SentStatistics.Body
    let size: Int

    /// How messages name it.
    var text: String { "\(body.name) of site \(site), parcel \(number)" }
  }

  /// Those that are to be handed over, by the numbers of their parcels and their names.
  private(set) var pending: [Item] = []
  /// Those of which it is unknown whether KSN has them.
  private(set) var unknown: [Item] = []
  /// How many were handed over before.
  private(set) var delivered = 0
  /// What has become of them so far.
  var log: DeliveryLog

  /// Looks through a site's shelf. The same body in several parcels counts once.
  init(_ shelf: KSNShelf, _ clock: WallClock) throws {
    log = try DeliveryLog(shelf.log, clock)
    var seen: Set<SentStatistics.Body> = []
    for number in try shelf.numbers() {
      for entry in try shelf.document(number).statistics.sorted(by: { $0.name < $1.name }) {
        guard let digest = entry.digest else { continue }
        let body = SentStatistics.Body(entry.name, digest)
        guard seen.insert(body).inserted else { continue }
        let item = Item(site: shelf.site, number: number, body: body, size: entry.number(.size) ?? 0)
        switch log.step(body) {
        case .done: delivered += 1
        case .intent: unknown.append(item)
        case .refused, nil: pending.append(item)
        }
      }
    }
  }
}
