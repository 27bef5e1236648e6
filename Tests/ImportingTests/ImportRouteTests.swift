import BundleFormat
import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Importing

/// Which bundles of a stick are imported, in which order.
@Suite struct ImportRouteTests {
  /// A bundle's folder with one volume of some bytes.
  struct Bundle: Sendable {
    let snapshot: Int
    let base: Int?
    let bytes: Int

    init(_ snapshot: Int, from base: Int? = nil, bytes: Int = 100) {
      (self.snapshot, self.base, self.bytes) = (snapshot, base, bytes)
    }

    var names: BundleNames { BundleNames(snapshot: snapshot, base: base) }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bundles: [Bundle]
    let held: Set<Int>
    /// The bundles to import, as `SNAPSHOT` or `SNAPSHOT-BASE`.
    let steps: [String]
    let unreachable: String?

    init(_ name: String, _ bundles: [Bundle], held: Set<Int> = [], _ steps: [String], unreachable: String? = nil) {
      testDescription = name
      (self.bundles, self.held, self.steps, self.unreachable) = (bundles, held, steps, unreachable)
    }
  }

  static let cases: [Case] = [
    Case("one full bundle", [Bundle(5)], ["5"]),
    Case("a full bundle of what is here", [Bundle(5)], held: [5], ["5"]),
    Case("an older full bundle than what is here", [Bundle(5)], held: [9], ["5"]),
    Case("the newest of two full bundles", [Bundle(5), Bundle(6)], ["6"]),
    Case(
      "a full bundle and those that build on it",
      [Bundle(5), Bundle(6, from: 5), Bundle(7, from: 6)],
      [
        "5", "6-5", "7-6",
      ]
    ),
    Case(
      "those that build on what is here",
      [Bundle(5), Bundle(6, from: 5), Bundle(7, from: 6)],
      held: [5],
      [
        "6-5", "7-6",
      ]
    ),
    Case("only the last one is needed", [Bundle(5), Bundle(6, from: 5), Bundle(7, from: 6)], held: [6], ["7-6"]),
    Case(
      "one large step costs less than two",
      [Bundle(6, from: 5, bytes: 60), Bundle(7, from: 5, bytes: 119), Bundle(7, from: 6, bytes: 60)],
      held: [5],
      ["7-5"]
    ),
    Case(
      "two steps cost less than a large one",
      [Bundle(6, from: 5, bytes: 60), Bundle(7, from: 5, bytes: 121), Bundle(7, from: 6, bytes: 60)],
      held: [5],
      ["6-5", "7-6"]
    ),
    Case(
      "a full bundle that is smaller than the chain",
      [Bundle(6, from: 5, bytes: 100), Bundle(7, bytes: 150), Bundle(7, from: 6, bytes: 100)],
      held: [5],
      ["7"]
    ),
    Case(
      "a full bundle that is larger than the chain",
      [Bundle(6, from: 5, bytes: 100), Bundle(7, bytes: 250), Bundle(7, from: 6, bytes: 100)],
      held: [5],
      ["6-5", "7-6"]
    ),
    Case(
      "the newest one builds on what nobody has",
      [Bundle(7), Bundle(9, from: 8)],
      ["7"],
      unreachable: "9-8"
    ),
    Case(
      "of several that cannot be reached the newest is named",
      [Bundle(7), Bundle(9, from: 8), Bundle(10, from: 8), Bundle(11, from: 10)],
      ["7"],
      unreachable: "11-10"
    ),
    Case(
      "what can be reached is newer than what cannot",
      [Bundle(6, from: 3), Bundle(7)],
      ["7"]
    ),
    Case(
      "what cannot be reached, and what can is older than what is here",
      [Bundle(7), Bundle(10, from: 8)],
      held: [9],
      ["10-8"]
    ),
    Case(
      "what cannot be reached, and what can is as new as what is here",
      [Bundle(9), Bundle(10, from: 8)],
      held: [9],
      ["9"],
      unreachable: "10-8"
    ),
    Case(
      "nothing can be reached: the newest is tried, and says what it needs",
      [Bundle(8, from: 2), Bundle(9, from: 3)],
      [
        "9-3"
      ]
    ),
    Case("a bundle that builds on itself", [Bundle(7, from: 7)], ["7-7"]),
    Case("two that build on each other", [Bundle(7, from: 8), Bundle(8, from: 7)], ["8-7"]),
    Case(
      "two that build on each other, and a full one",
      [Bundle(7), Bundle(7, from: 8), Bundle(8, from: 7)],
      ["7", "8-7"]
    ),
    Case(
      "a hole in the chain of what is here",
      [Bundle(6, from: 5), Bundle(8, from: 7)],
      held: [5],
      ["6-5"],
      unreachable: "8-7"
    ),
    Case("an older snapshot than the newest here may be the base", [Bundle(9, from: 3)], held: [3, 8], ["9-3"]),
  ]

  private func name(_ bundle: BundleReader) -> String {
    "\(bundle.snapshot)" + (bundle.base.map { "-\($0)" } ?? "")
  }

  private func readers(_ bundles: [Bundle], in folder: TemporaryFolder) throws -> [BundleReader] {
    for bundle in bundles {
      let place = try folder.subfolder("\(bundle.names.folder)/\(BundleNames.volumes)")
      let volume = place.appending(bundle.names.volume(0))
      try Data(count: bundle.bytes).write(to: URL(fileURLWithPath: volume.string))
    }
    return try BundleReader.find(at: folder.path)
  }

  @Test(arguments: cases) func `the way from what is here to the newest snapshot`(_ row: Case) throws {
    let folder = TemporaryFolder()
    let route = ImportRoute(try readers(row.bundles, in: folder), held: row.held)
    #expect(route.steps.map(name) == row.steps)
    #expect(route.unreachable.map(name) == row.unreachable)
  }

  @Test func `many ways are looked at once each`() throws {
    // Two bundles for each of 40 steps: a thousand milliards of ways.
    let folder = TemporaryFolder()
    let steps = (2...41).flatMap { [Bundle($0, from: $0 - 1, bytes: 10), Bundle($0, from: max(1, $0 - 2), bytes: 30)] }
    let route = ImportRoute(try readers(steps, in: folder), held: [1])
    #expect(route.steps.map(name) == (2...41).map { "\($0)-\($0 - 1)" })
  }
}
