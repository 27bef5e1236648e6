import FileSystem
import JobDoubles
import MirrorTypes
import SiteDocuments
import SystemPackage
import TestSupport
import Testing

@testable import JobCore
@testable import KSN

/// Which bodies of statistics are handed to KSN, which are not again, and of which nobody knows.
@Suite struct DeliveryPlanTests {
  /// A body of statistics: its name, and something that makes its bytes differ.
  struct Body: Sendable, Hashable {
    let name: String
    let content: String

    init(_ name: String, _ content: String = "1") { (self.name, self.content) = (name, content) }

    var body: StatisticsBody {
      get throws {
        try StatisticsBody(name: name, parsing: Array(#"{"count":\#(content)}"#.utf8), schema: StatisticsSchema())
      }
    }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// The bodies of each parcel.
    let parcels: [Int64: [Body]]
    /// The lines of the log, in their order.
    var steps: [(Body, DeliveryLog.Step)] = []
    /// `NAME PARCEL`, in order.
    var pending: [String] = []
    var unknown: [String] = []
    var delivered = 0

    init(
      _ name: String,
      _ parcels: [Int64: [Body]],
      _ steps: [(Body, DeliveryLog.Step)] = [],
      pending: [String] = [],
      unknown: [String] = [],
      delivered: Int = 0
    ) {
      testDescription = name
      (self.parcels, self.steps, self.pending, self.unknown, self.delivered) =
        (parcels, steps, pending, unknown, delivered)
    }
  }

  private static let (a, b) = (Body("a"), Body("b"))

  static let cases: [Case] = [
    Case("nothing has come", [:]),
    Case("a parcel without statistics", [1: []]),
    Case(
      "all are new, by their parcels and names",
      [2: [b, a], 1: [Body("c")], 10: [Body("d")]],
      pending: [
        "c 1", "a 2", "b 2", "d 10",
      ]
    ),
    Case("one was handed over", [1: [a, b]], [(a, .intent), (a, .done)], pending: ["b 1"], delivered: 1),
    Case(
      "all were handed over",
      [1: [a], 2: [b]],
      [(a, .intent), (a, .done), (b, .intent), (b, .done)],
      delivered: 2
    ),
    Case("a run ended in the middle of one", [1: [a, b]], [(a, .intent)], pending: ["b 1"], unknown: ["a 1"]),
    Case("one was refused, and is tried again", [1: [a]], [(a, .intent), (a, .refused)], pending: ["a 1"]),
    Case(
      "one was refused, and a run ended in the middle of it",
      [1: [a]],
      [(a, .intent), (a, .refused), (a, .intent)],
      unknown: ["a 1"]
    ),
    Case("the last line counts", [1: [a]], [(a, .done), (a, .refused)], pending: ["a 1"]),
    Case("the same body in two parcels counts once, by the first", [1: [a], 2: [a, b]], pending: ["a 1", "b 2"]),
    Case("the same body in two parcels was handed over once", [1: [a], 2: [a]], [(a, .done)], delivered: 1),
    Case(
      "a name with other bytes is another body",
      [1: [a], 2: [Body("a", "2")]],
      [(a, .done)],
      pending: ["a 2"],
      delivered: 1
    ),
    Case(
      "the same bytes under another name are another body",
      [1: [a, b]],
      [(a, .done)],
      pending: ["b 1"],
      delivered: 1
    ),
    Case("what was handed over and is no longer here does not count", [1: [b]], [(a, .done)], pending: ["b 1"]),
  ]

  @Test(arguments: cases) func `what is to be handed over`(_ row: Case) throws {
    let folder = TemporaryFolder()
    let shelf = KSNShelf(folder.path, site: "plant-7")
    for (number, bodies) in row.parcels {
      var document = KSNDocument(site: "plant-7", made: UTCTime(seconds: 1_795_470_000))
      document.statistics = try bodies.map { try $0.body.entry }
      let digits = String(number)
      let place = try folder.subfolder("ksn/plant-7/\(String(repeating: "0", count: 9 - digits.count))\(digits)")
      try Files.replace(place.appending(KSNDocument.fileName), with: document.serialized(.keepingEverything))
    }
    if !row.steps.isEmpty { _ = try folder.subfolder("ksn/plant-7") }
    var log = try DeliveryLog(shelf.log, HandClock().clock)
    for (body, step) in row.steps { try log.append(step, SentStatistics.Body(try body.body)) }
    let plan = try DeliveryPlan(shelf, HandClock().clock)
    func texts(_ items: [DeliveryPlan.Item]) -> [String] { items.map { "\($0.body.name) \($0.number)" } }
    #expect(texts(plan.pending) == row.pending)
    #expect(texts(plan.unknown) == row.unknown)
    #expect(plan.delivered == row.delivered)
    #expect(plan.pending.allSatisfy { $0.site == "plant-7" && $0.size == 11 })
  }
}
