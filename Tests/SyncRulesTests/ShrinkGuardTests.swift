import Catalogue
import MirrorTypes
import StoreTrust
import Testing

@testable import JobCore
@testable import SyncRules

/// When a source has lost so much that no snapshot is sealed.
@Suite struct ShrinkGuardTests {
  /// Files of a component and their bytes together.
  struct Part: Sendable {
    let component: String
    let files: Int
    let bytes: Int64

    init(_ component: String, _ files: Int, _ bytes: Int64) {
      (self.component, self.files, self.bytes) = (component, files, bytes)
    }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let limit: Int
    let before: [Part]
    let now: [Part]
    var differences: (before: Part?, now: Part?)
    var retired: Set<String>
    var demand: String?
    /// What the refusal says; `nil`: a snapshot is sealed.
    let refusal: String?

    init(
      _ name: String,
      limit: Int = 20,
      _ before: [Part],
      _ now: [Part],
      differences: (before: Part?, now: Part?) = (nil, nil),
      retired: Set<String> = [],
      demand: String? = nil,
      refusal: String? = nil
    ) {
      testDescription = name
      (self.limit, self.before, self.now, self.differences) = (limit, before, now, differences)
      (self.retired, self.demand, self.refusal) = (retired, demand, refusal)
    }
  }

  private static let full = [Part("KDB", 100, 1000)]

  static let cases: [Case] = [
    Case("the first sync has nothing to compare with", [], [Part("KDB", 1, 1)]),
    Case("nothing has changed", full, full),
    Case("a source that grows", full, [Part("KDB", 900, 90_000)]),
    Case("files fall to the limit", full, [Part("KDB", 80, 1000)]),
    Case(
      "files fall below the limit",
      full,
      [Part("KDB", 79, 1000)],
      refusal: "files fell from 100 to 79, by 21 percent; the limit is 20"
    ),
    Case("bytes fall to the limit", full, [Part("KDB", 100, 800)]),
    Case(
      "bytes fall below the limit",
      full,
      [Part("KDB", 100, 750)],
      refusal: "bytes fell from 1000 to 750, by 25 percent; the limit is 20"
    ),
    Case("a byte below the limit is below it", full, [Part("KDB", 100, 799)], refusal: "bytes fell from 1000 to 799"),
    Case("the limit 0 lets nothing go", limit: 0, full, [Part("KDB", 99, 1000)], refusal: "files fell from 100 to 99"),
    Case("the limit 0 lets the same through", limit: 0, full, full),
    Case("the limit 100 lets all but one file go", limit: 100, full, [Part("KDB", 1, 0)]),
    Case(
      "a component is never let go by the limit",
      limit: 100,
      full + [Part("KSN", 1, 1)],
      full,
      refusal: "component KSN is gone"
    ),
    Case("two components are gone", [Part("B", 1, 1), Part("A", 1, 1)], [], refusal: "components are gone: A, B"),
    Case(
      "eight names are listed",
      (1...8).map { Part("C\($0)", 1, 1) },
      [],
      refusal: "components are gone: C1, C2, C3, C4, C5, C6, C7, C8; no snapshot is sealed"
    ),
    Case(
      "and no more than eight",
      (1...9).map { Part("C\($0)", 1, 1) },
      [],
      refusal: "components are gone: C1, C2, C3, C4, C5, C6, C7, C8 and 1 more; no snapshot is sealed"
    ),
    Case("a component whose files another one shares now", full + [Part("KSN", 1, 1)], [Part("KDB,KSN", 101, 1001)]),
    Case("files of no component may change their place", [Part("", 10, 10)], [Part("KDB", 10, 10)]),
    Case("a retired component takes its files along", full + [Part("OLD", 900, 9000)], full, retired: ["OLD"]),
    Case(
      "files of retired components alone go",
      full + [Part("OLD,OLDER", 900, 9000)],
      full,
      retired: ["OLD", "OLDER"]
    ),
    Case(
      "files that a retired component shares with one that stays do not go",
      full + [Part("OLD,KDB", 900, 9000)],
      full,
      retired: ["OLD"],
      refusal: "files fell from 1000 to 100, by 90 percent"
    ),
    Case("a component that is not retired", full + [Part("KSN", 1, 1)], full, retired: ["OLD"], refusal: "KSN is gone"),
    Case(
      "difference files go as the vendor likes",
      full,
      [Part("KDB", 40, 400)],
      differences: (Part("", 60, 600), nil)
    ),
    Case(
      "difference files stand in for no others",
      full,
      [Part("KDB", 100, 1000)],
      differences: (nil, Part("", 60, 600)),
      refusal: "files fell from 100 to 40, by 60 percent"
    ),
    Case(
      "the sites want less, within the limit",
      full + [Part("KSN", 1, 1)],
      full,
      demand: "plant-7 no longer has KES"
    ),
    Case(
      "the sites want much less",
      full + [Part("KES", 900, 9000)],
      full,
      demand: "plant-7 no longer has KES",
      refusal: "files fell from 1000 to 100, by 90 percent; the limit is 20"
    ),
    Case(
      "another source's files do not count",
      [Part("KDB", 100, 1000), Part("other:X", 900, 9000)],
      [Part("KDB", 100, 1000)]
    ),
  ]

  /// What a store would say of the parts; `other:X` is a component of another source.
  private static func summaries(_ parts: [Part]) -> [ComponentSummary] {
    parts.map { part in
      let names = part.component.split(separator: ":").map(String.init)
      return ComponentSummary(
        source: names.count == 2 ? names[0] : "k",
        component: names.last ?? "",
        files: part.files,
        bytes: part.bytes,
        arrived: 0
      )
    }
  }

  /// The parts as files, the first of each with all the bytes.
  private static func files(_ parts: [Part]) throws -> SourceFiles {
    let object = try #require(ObjectDigest(bytes: [UInt8](repeating: 1, count: 32)))
    return try SourceFiles { body in
      for part in parts {
        for number in 0..<part.files {
          try body(
            SnapshotFile(
              path: try TreePath("updates/\(part.component)/\(number)"),
              object: object,
              size: number == 0 ? part.bytes : 0,
              source: "k",
              component: part.component,
              fetched: 0
            )
          )
        }
      }
    }
  }

  private static func sum(_ part: Part?) -> SourceNotes.FileSum {
    var sum = SourceNotes.FileSum()
    (sum.files, sum.bytes) = (part?.files ?? 0, part?.bytes ?? 0)
    return sum
  }

  @Test(arguments: cases) func `what may be missing, and what may not`(_ row: Case) throws {
    func check() throws {
      try ShrinkGuard(limit: row.limit).check(
        "k",
        before: Self.summaries(row.before),
        now: try Self.files(row.now),
        differences: (Self.sum(row.differences.before), Self.sum(row.differences.now)),
        retired: row.retired,
        change: row.demand.map(ShrinkGuard.Change.demand)
      )
    }
    guard let refusal = row.refusal else {
      try check()
      return
    }
    let error = try #require(throws: JobError.self) { try check() }
    #expect(error.status == .shrunk)
    #expect(error.message.contains(refusal), "\(error.message)")
    #expect(error.message.hasPrefix("source k: "))
    #expect(error.remedy?.contains("--accept-shrink") == true)
    if let demand = row.demand { #expect(error.message.contains(demand)) }
  }

  @Test(arguments: [
    ([Part("KDB", 51, 800), Part("AH", 20, 200)], true), ([Part("KDB", 80, 800)], true),
    ([Part("KDB", 69, 800)], false), ([Part("KDB", 80, 690)], false),
  ])
  func `another selection may leave components out, and not too much of it all`(
    _ now: [Part],
    _ isAccepted: Bool
  ) throws {
    let before = Self.summaries([Part("KDB", 80, 800), Part("AH", 20, 200)])
    let files = try Self.files(now)
    func check() throws {
      try ShrinkGuard(limit: 30)
        .check("k", before: before, now: files, differences: (.init(), .init()), change: .selection)
    }
    guard !isAccepted else { return try check() }
    let error = try #require(throws: JobError.self) { try check() }
    #expect(error.status == .shrunk && error.message.contains("selection in the configuration has changed"))
    #expect(error.remedy?.contains("--accept-shrink") == true)
  }

  @Test(
    arguments: [
      (["KDB", "KSN"], ["KDB"], ["KSN"]), (["KDB,KSN"], ["KSN"], ["KDB"]), (["KDB"], ["KDB", "NEW"], []),
      ([], ["KDB"], []),
      (["KDB", "other:X"], ["KDB"], []),
    ] as [([String], [String], Set<String>)]
  )
  func `the components that are gone are those that no file is of any more`(
    _ before: [String],
    _ now: [String],
    _ gone: Set<String>
  ) throws {
    let files = try Self.files(now.map { Part($0, 1, 1) })
    #expect(ShrinkGuard.gone("k", before: Self.summaries(before.map { Part($0, 1, 1) }), now: files) == gone)
  }
}
