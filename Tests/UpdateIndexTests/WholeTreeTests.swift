import TestSupport
import Testing
import UpdateServerDouble

/// The made-up update server's tree has all that real trees have.
@Suite(.enabled(if: RealSamples.areThere, "\(RealSamples.absence)"))
struct WholeTreeTests {
  /// What the made-up tree leaves out, and why.
  private static let leftOut: [String: String] = [
    "catalogue element: fidgeties": "it stands outside all entries and says nothing of a product",
    "catalogue element: group": "it groups entries for people to look at",
    "catalogue element: main": "the root's name decides nothing",
    "catalogue element: page": "it groups entries for people to look at",
  ]

  @Test func `each kind of thing in the real trees is in the made-up one, or left out with a reason`() throws {
    let folder = TemporaryFolder()
    _ = try UpdateTree.generate(at: folder["tree"], files: 60, meanSize: 200, applications: true, whole: true)
    let made = try TreeKinds(of: folder["tree"])
    let (new, old) = (try RealTree(2025), try RealTree(2015))
    let (real, older) = (try TreeKinds(of: new.file("")), try TreeKinds(of: old.file("")))
    // The count of what there is: a reader that sees nothing finds nothing amiss.
    #expect(real.elements.count == 18)
    #expect(real.attributes.count == 175)
    #expect(real.columns.count == 48)
    #expect(real.primaries.count == 16)
    #expect(real.carriers.count == 9)
    #expect(real.entries.count == 34)
    let wanted = real.all.union(older.all)
    #expect(wanted.subtracting(made.all).subtracting(Self.leftOut.keys).sorted() == [])
    // What is left out by the list is left out.
    #expect(made.all.intersection(Self.leftOut.keys).sorted() == [])
    #expect(wanted.isSuperset(of: Self.leftOut.keys))
  }

  /// Names of components differ, and the catalogue of the made-up tree has entries of its own.
  @Test func `the made-up tree has no kind of element, attribute, column or carrier that real ones do not have`() throws
  {
    let folder = TemporaryFolder()
    _ = try UpdateTree.generate(at: folder["tree"], files: 60, meanSize: 200, applications: true, whole: true)
    let made = try TreeKinds(of: folder["tree"])
    let (new, old) = (try RealTree(2025), try RealTree(2015))
    let (real, older) = (try TreeKinds(of: new.file("")), try TreeKinds(of: old.file("")))
    func extra(_ kinds: KeyPath<TreeKinds, Set<String>>) -> [String] {
      made[keyPath: kinds].subtracting(real[keyPath: kinds]).subtracting(older[keyPath: kinds]).sorted()
    }
    #expect(extra(\.elements) == [])
    #expect(extra(\.attributes) == [])
    #expect(extra(\.columns) == [])
    #expect(extra(\.primaries) == [])
    #expect(extra(\.carriers) == [])
  }
}
