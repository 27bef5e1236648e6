import MirrorTypes
import Testing
import UpdateIndex

@testable import SyncRules

/// Indexes are held against the dates that their parents have of them.
@Suite struct IndexDatesTests {
  /// What a primary index says of one index.
  private func facts(_ told: String) throws -> IndexWalk.NamedFile {
    let primary = try TreePath("index/u0607g.xml")
    let text = """
      <UpdateFiles UpdateDate="11112025 0030"><FileDescription UpdateType="desc" ServerFolder="../bases/a" \
      Filename="a-0607g.xml" FileDate="\(told)"/></UpdateFiles>
      """
    var walk = IndexWalk(primaries: [primary], selection: try Selection())
    return try #require(try walk.take(Array(text.utf8), of: primary).indexes.first)
  }

  @Test(
    arguments: [
      // What the parent says, what the index says, asked again, late, lasting, the parent is doubtful.
      ("11112025 0026", "11112025 0026", false, false, false, false),
      ("11112025 0026", "10112025 1800", true, true, true, false),
      // The vendor's own exceptions of 2025-11-11: wrappers of other generations, KDBARM64, upd.
      ("11112025 0028", "11112025 0026", true, false, false, false),
      ("10112025 2149", "10112025 1800", true, false, true, false),
      ("06112025 0725", "06112025 0726", false, false, false, true),
    ] as [(String, String, Bool, Bool, Bool, Bool)]
  )
  func `dates of parent and child`(
    _ told: String,
    _ own: String,
    _ isAskedAgain: Bool,
    _ isLate: Bool,
    _ isLasting: Bool,
    _ isDoubtful: Bool
  ) throws {
    let facts = try facts(told)
    let now = IndexDate("11112025 0030")
    var dates = IndexDates()
    let first = dates.mustAskAgain(IndexDate(own), facts)
    #expect(first == isAskedAgain)
    let second = dates.mustAskAgain(IndexDate(own), facts)
    #expect(!second)
    #expect(dates.late(now: now).isEmpty == !isLate)
    #expect(dates.lasting.isEmpty == !isLasting)
    #expect(dates.doubtful.isEmpty == !isDoubtful)
  }

  @Test func `an index without a date is in step`() throws {
    var dates = IndexDates()
    let isAskedAgain = try [
      dates.mustAskAgain(nil, facts("11112025 0026")), dates.mustAskAgain(IndexDate("11112025 0026"), nil),
    ]
    #expect(isAskedAgain == [false, false])
  }
}
