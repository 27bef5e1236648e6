import Catalogue
import JobDoubles
import MirrorTypes
import SyncRules
import Testing
import Transfer

@testable import JobCore
@testable import Mirroring
@testable import UpdateIndex

/// Which files are asked for, and which are known to be good.
@Suite struct FetchDeciderTests {
  /// What an index says of the file.
  enum Named: Sendable {
    /// Nothing that would prove its content.
    case plain
    /// A digest that we cannot compute, so that only the same words mean the same content.
    case digestOfOthers
    /// The vendor's digest.
    case dskm2
  }

  private static let clock = HandClock().clock

  /// When something came, seen from the last sealed sync.
  enum Time: Sendable {
    case before, atSealing, after
  }

  /// What was answered in this run.
  enum Answered: Sendable {
    case nothing
    /// Before a primary index changed.
    case beforeChange
    /// And again since then.
    case sinceChange
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var named = Named.plain
    /// Whether the index says of the file what it said when the file came.
    var saysTheSame = true
    /// Whether the index that names it is the one of the last sealed sync.
    var indexIsTheSame = true
    var came = Time.before
    /// Whether the vendor's digest was checked, and with what result.
    var checked: Bool?
    /// Whether its object is in the store.
    var isThere = true
    var answered = Answered.nothing
    var recheck = false
    /// Whether there was a sealed sync at all.
    var hasMemory = true
    let isAskedFor: Bool

    init(_ name: String, asks: Bool, _ change: (inout Case) -> Void = { _ in }) {
      testDescription = name
      isAskedFor = asks
      change(&self)
    }
  }

  static let cases: [Case] = [
    Case("index and file of the last sealed sync", asks: false),
    Case("everything is asked for again when a person wants that", asks: true) { $0.recheck = true },
    Case("the object is gone", asks: true) { $0.isThere = false },
    Case("the object is gone, though its digest was checked", asks: true) {
      ($0.isThere, $0.named, $0.checked) = (false, .dskm2, true)
    },
    Case("no sync was sealed before", asks: true) { $0.hasMemory = false },
    Case("the index has changed, and has no digest", asks: true) { $0.indexIsTheSame = false },
    Case("the index has changed, and says the same digest", asks: false) {
      ($0.indexIsTheSame, $0.named) = (false, .digestOfOthers)
    },
    Case("the index has changed, and says another digest", asks: true) {
      ($0.indexIsTheSame, $0.named, $0.saysTheSame) = (false, .digestOfOthers, false)
    },
    Case("it came in the second of the sealing", asks: false) { $0.came = .atSealing },
    Case("it came a second after the sealing", asks: true) { $0.came = .after },
    Case("it came after the sealing, and an unchecked digest says the same", asks: true) {
      ($0.came, $0.named) = (.after, .digestOfOthers)
    },
    Case("it came after the sealing, and the vendor's digest was checked", asks: false) {
      ($0.came, $0.named, $0.checked, $0.indexIsTheSame) = (.after, .dskm2, true, false)
    },
    Case("the vendor's digest is another one than was checked", asks: true) {
      ($0.named, $0.checked) = (.dskm2, false)
    },
    Case("the vendor's digest was not checked yet, and is the same", asks: false) {
      ($0.named, $0.came, $0.indexIsTheSame) = (.dskm2, .after, false)
    },
    Case("the vendor's digest was not checked yet, and is another one", asks: true) {
      ($0.named, $0.indexIsTheSame, $0.saysTheSame) = (.dskm2, false, false)
    },
    Case("it was answered before the primary indexes changed", asks: true) { $0.answered = .beforeChange },
    Case("it was answered before the change, and an unchecked digest says the same", asks: true) {
      ($0.answered, $0.named) = (.beforeChange, .digestOfOthers)
    },
    Case("it was answered before the change, and the vendor's digest was checked", asks: false) {
      ($0.answered, $0.named, $0.checked) = (.beforeChange, .dskm2, true)
    },
    Case("it was answered since the change", asks: false) {
      ($0.answered, $0.came, $0.indexIsTheSame) = (.sinceChange, .after, false)
    },
    Case("it was answered since the change, and the index says something else now", asks: true) {
      ($0.answered, $0.came, $0.indexIsTheSame, $0.saysTheSame) = (.sinceChange, .after, false, false)
    },
  ]

  private static let index = "updates/kdb/kdb-1901g.xml"
  private static let sealed = UTCTime(seconds: 1000)
  /// Digests as indexes write them.
  private static let digests = [
    "f3CCJrjzJxFCCpO9s2ztt+GbZrEQFD6hYd3AruNGnaA=", "naNBiX0g3AUuUfu+t9/TyRRNaLJNhpVbP1/z1IPdRLQ=",
  ]

  /// A file as an index of the format 3,0 names it.
  private static func file(_ named: Named, digest: Int = 0) throws -> IndexWalk.NamedFile {
    let (column, cell) =
      switch named {
      case .plain: ("Size", digest == 0 ? "10" : "11")
      case .digestOfOthers: ("DSKM", digest == 0 ? "AAAA" : "BBBB")
      case .dskm2: ("DSKM2", digests[digest])
      }
    let text = """
      <Update Date="11112025 0902" Format="3.0" CompID="KDB" ObjectType="2=KDB;3=BASE" MaxConnectionCount="10">
      <Files CompID="KDB" Item="Name;\(column)" List="kdb.dat|\(cell);"/></Update>
      """
    let path = try TreePath(index)
    var walk = IndexWalk(primaries: [path], selection: try Selection())
    return try #require(try walk.take(Array(text.utf8), of: path).files.first)
  }

  private struct Ground {
    let filled: FilledStore
    let object: ObjectDigest
    var memory = TreeMemory(plan: "plan")

    init() throws {
      filled = try FilledStore()
      object = try filled.put("content").digest
      memory.sealed = sealed
      memory.indexes[index] = .init(object: object)
    }
  }

  @Test(arguments: cases) func `what is known to be good costs no request`(_ row: Case) throws {
    let ground = try Ground()
    let before = try Self.file(row.named)
    let file = row.saysTheSame ? before : try Self.file(row.named, digest: 1)
    let other = try #require(ObjectDigest(bytes: [UInt8](repeating: 9, count: 32)))
    let known = KnownFile(
      object: row.isThere ? ground.object : other,
      size: 7,
      fingerprint: before.fingerprint,
      fetched: Self.sealed.adding(seconds: row.came == .before ? -100 : row.came == .after ? 1 : 0),
      checked: row.checked == nil ? nil : row.checked == true ? file.dskm2 : other
    )
    var decider = FetchDecider(
      store: ground.filled.store,
      memory: row.hasMemory ? ground.memory : nil,
      recheck: row.recheck,
      clock: Self.clock
    )
    if row.answered != .nothing { decider.distrust([file.path]) }
    if row.answered == .sinceChange { decider.trust([file.path]) }
    #expect(decider.isOutdated(file.path) == (row.answered == .beforeChange))
    let asks = try decider.needsRequest(file, known: known, indexNow: row.indexIsTheSame ? ground.object : other)
    #expect(asks == row.isAskedFor)
    // What is not known is asked for, whatever else is so.
    #expect(try decider.needsRequest(file, known: nil, indexNow: ground.object))
  }

  struct AbsentCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let asks: Int
    /// How many seconds ago it was asked for last.
    let ago: Int64
    var indexIsTheSame = true
    var isOutdated = false
    let isAskedFor: Bool
  }

  @Test(arguments: [
    AbsentCase(testDescription: "asked for just now", asks: 1, ago: 60, isAskedFor: false),
    AbsentCase(testDescription: "asked for once, long ago", asks: 1, ago: 7200, isAskedFor: true),
    AbsentCase(testDescription: "asked for often, a day ago", asks: 9, ago: 86_400, isAskedFor: false),
    AbsentCase(testDescription: "asked for often, a week ago", asks: 9, ago: 7 * 86_400, isAskedFor: true),
    AbsentCase(testDescription: "its index has changed", asks: 9, ago: 60, indexIsTheSame: false, isAskedFor: true),
    AbsentCase(
      testDescription: "the primary indexes have changed",
      asks: 9,
      ago: 60,
      isOutdated: true,
      isAskedFor: true
    ),
  ])
  func `an absent file is asked for when it is time, or when the indexes have changed`(_ row: AbsentCase) throws {
    let ground = try Ground()
    let file = try Self.file(.plain)
    let known = KnownFile(
      object: nil,
      size: 0,
      fingerprint: file.fingerprint,
      isAbsent: true,
      absence: Absence(asks: row.asks),
      fetched: Self.clock.now.adding(seconds: -row.ago)
    )
    var decider = FetchDecider(store: ground.filled.store, memory: ground.memory, recheck: false, clock: Self.clock)
    if row.isOutdated { decider.distrust([file.path]) }
    let other = try #require(ObjectDigest(bytes: [UInt8](repeating: 9, count: 32)))
    let asks = try decider.needsRequest(file, known: known, indexNow: row.indexIsTheSame ? ground.object : other)
    #expect(asks == row.isAskedFor)
  }

  @Test func `what is distrusted later is trusted no more, and the other way round`() throws {
    let paths = try ["a", "b", "c"].map { try TreePath($0) }
    var decider = FetchDecider(store: try FilledStore().store, memory: nil, recheck: false, clock: Self.clock)
    decider.trust([paths[0]])
    decider.distrust([paths[1]])
    #expect(paths.map { decider.isOutdated($0) } == [true, true, false])
    decider.trust([paths[1]])
    #expect(paths.map { decider.isOutdated($0) } == [true, false, false])
  }

  @Test func `a condition is sent only for what is still here`() throws {
    let ground = try Ground()
    let decider = FetchDecider(store: ground.filled.store, memory: nil, recheck: false, clock: Self.clock)
    let other = try #require(ObjectDigest(bytes: [UInt8](repeating: 9, count: 32)))
    func etag(_ object: ObjectDigest?, _ etag: String?) -> String? {
      decider.validators(for: KnownFile(object: object, size: 7, etag: etag, fetched: 0))?.etag
    }
    #expect(etag(ground.object, "\"1\"") == "\"1\"")
    #expect(etag(ground.object, nil) == nil)
    #expect(etag(other, "\"1\"") == nil)
    #expect(etag(nil, "\"1\"") == nil)
  }

  @Test func `a date alone is no condition, since a new file may be dated back`() throws {
    let ground = try Ground()
    let decider = FetchDecider(store: ground.filled.store, memory: nil, recheck: false, clock: Self.clock)
    let date = "Thu, 01 Jan 2015 00:00:00 GMT"
    func condition(_ etag: String?) -> Validators? {
      decider.validators(
        for: KnownFile(object: ground.object, size: 7, etag: etag, lastModified: date, fetched: 0)
      )
    }
    #expect(condition(nil) == nil)
    #expect(condition("\"1\"") == Validators(etag: "\"1\""))
  }
}
