import Catalogue
import Foundation
import MirrorTypes
import TestSupport
import Testing
import UpdateIndex

@testable import JobCore
@testable import SyncRules
@testable import StoreTrust

/// Components that come and go: what the vendor has retired, what is new beside a list, what a list has wrong.
@Suite struct ComponentChangesTests {
  private static let root = "index/u1901g.xml"

  private func roster(_ names: [String], signed: Bool = true, root: String = root) -> ComponentRoster {
    ComponentRoster(roots: [root: .init(names: names.sorted(), isSigned: signed)])
  }

  /// The roster of a real root.
  private static func real(_ year: Int) throws -> ComponentRoster {
    let file = RealSamples.folder.appending("u1901g-\(year).xml").string
    let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: file)))
    var roster = ComponentRoster()
    roster.take(try IndexParser.parse(bytes, at: TreePath(root)), isSigned: true)
    return roster
  }

  static let rootsAreThere = FileManager.default.fileExists(
    atPath: RealSamples.folder.appending("u1901g-2026.xml").string
  )

  @Test(arguments: [true, false], [true, false])
  func `only a root that was signed and is signed retires a component`(_ before: Bool, _ now: Bool) {
    let changes = ComponentChanges(
      listed: [],
      before: roster(["KDB", "KAVLOTUS"], signed: before),
      now: roster(["KDB"], signed: now)
    )
    #expect(changes.retired(among: ["KAVLOTUS"]).map(\.name) == (before && now ? ["KAVLOTUS"] : []))
  }

  @Test func `what any root still names, or the signed one never named, is not retired`() {
    var before = roster(["KDB", "OLD"])
    before.roots["index/u1313g.xml"] = .init(names: ["OLD", "THIRD"])
    var now = roster(["KDB"])
    now.roots["index/u1313g.xml"] = .init(names: ["OLD"])
    let changes = ComponentChanges(listed: [], before: before, now: now)
    #expect(changes.retired(among: ["OLD", "THIRD", "KDB"]).isEmpty)
    // Nor does a root that is no longer asked for retire anything.
    let other = ComponentChanges(listed: [], before: roster(["OLD"]), now: ComponentRoster())
    #expect(other.retired(among: ["OLD"]).isEmpty)
  }

  @Test func `a listed name that nothing knows is reported with the nearest one, and one that was known is not`() throws
  {
    let changes = ComponentChanges(
      listed: ["kdb", "KSM", "GONE", "INNER"],
      before: nil,
      now: roster(["KDB", "KSN"]).following(roster(["GONE", "KDB"]))
    )
    let unknown = changes.unknown { ["INNER"] }
    #expect(unknown == [.init(name: "KSM", nearest: "KSN")])
  }

  @Test func `what is new is reported beside a list only, and against the last snapshot only`() {
    let before = roster(["KDB"])
    let now = roster(["KDB", "KDB64L"])
    #expect(ComponentChanges(listed: ["KDB"], before: before, now: now).beside == ["KDB64L"])
    #expect(ComponentChanges(listed: [], before: before, now: now).beside.isEmpty)
    #expect(ComponentChanges(listed: ["KDB"], before: nil, now: now).beside.isEmpty)
    #expect(ComponentChanges(listed: ["KDB"], before: now, now: now).beside.isEmpty)
    // A primary index that was not asked for before says nothing of what is new.
    let more = ComponentChanges(listed: ["KDB"], before: before, now: roster(["X"], root: "index/u1313g.xml"))
    #expect(more.beside.isEmpty)
  }

  @Test func `what lay within a retired component goes with it`() throws {
    func news(verified: Set<String>, present: Set<String>) -> ComponentNews {
      ComponentNews(
        source: "k",
        changes: ComponentChanges(listed: [], before: roster(["KDB", "OLD"]), now: roster(["KDB"])),
        word: VendorWord(verified: verified, present: present)
      )
    }
    let object = try #require(ObjectDigest(bytes: [UInt8](repeating: 1, count: 32)))
    func files(_ body: (SnapshotFile) throws -> Void) throws {
      for (path, component, parent) in [
        ("updates/updates/old/old.xml", "OLD", Self.root),
        ("updates/updates/old/inner.dat", "INNER", "updates/old/old.xml"),
      ] {
        try body(
          SnapshotFile(
            path: try TreePath(path),
            object: object,
            size: 1,
            source: "k",
            component: component,
            namedBy: parent,
            origin: nil,
            fetched: 1,
            modified: nil
          )
        )
      }
    }
    let gone: Set<String> = ["OLD", "INNER"]
    #expect(try news(verified: [Self.root], present: [Self.root]).accounted(gone, files: files) == gone)
    // Its index is still here, and nobody has signed it.
    let held = news(verified: [Self.root], present: [Self.root, "updates/old/old.xml"])
    #expect(try held.accounted(gone, files: files) == ["OLD"])
  }

  @Test(
    arguments: [
      ("RETR1901_KDB", "KDB"), ("retrum1901g_KDBAUR", "KDBAUR"), ("RETR1901", "RETR1901"), ("KDB", "KDB"),
      ("RETR1901_", "RETR1901_"), ("RETR-1_X", "RETR-1_X"), ("PARCTL,RETR1901_PARCTL,RETR1313_PARCTL", "PARCTL"),
      ("A,RETR1901_B", "A,B"), ("", ""),
    ]
  )
  func `the name under which a component is passed on is about that component`(_ names: String, _ subjects: String) {
    #expect(PassedComponent.subjects(of: names) == subjects)
  }

  @Test(.enabled(if: rootsAreThere, "the real roots are not beside the package"))
  func `a list that was written for 2022 is told the right words in 2026`() throws {
    let (before, now) = (try Self.real(2022), try Self.real(2026))
    let changes = ComponentChanges(listed: ["KDB", "KDBCUT", "EMU", "KAVLOTUS"], before: before, now: now)
    #expect(changes.retired(among: changes.listed).map(\.name) == ["KAVLOTUS"])
    #expect(changes.beside.contains("KDB64L") && !changes.beside.contains("KDB"))
    #expect(changes.unknown { [] }.isEmpty)
    let news = ComponentNews(
      source: "k",
      changes: changes,
      word: VendorWord(verified: [Self.root], present: [Self.root])
    )
    let notices = news.notices(retired: ["KAVLOTUS"])
    #expect(notices.map(\.name) == ["component-retired", "component-new"])
    #expect(notices[0].text.contains("retired the component KAVLOTUS") && notices[0].text.contains("Take KAVLOTUS out"))
    #expect(notices[1].text.contains("new beside your list: ") && notices[1].text.contains("64L"))
    // The same list on a new store: nobody ever saw it there.
    let fresh = ComponentChanges(listed: ["KAVLOTUS"], before: nil, now: now)
    #expect(fresh.unknown { [] }.map(\.name) == ["KAVLOTUS"])
  }
}
