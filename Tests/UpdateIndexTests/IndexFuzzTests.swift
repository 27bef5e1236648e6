import MirrorTypes
import TestSupport
import Testing
import UpdateIndex

/// Changes small indexes at random, the same way in every run: see `Fuzz`.
@Suite struct IndexFuzzTests {
  /// With pieces that matter to the format.
  private static let mutator = Mutator(
    [
      "../", "..", "/", "\\", "\\\\", "|", ";", "\"", "<", ">", "&", "&#0;", "&#10;", "&lt;", "</Update>",
      "</UpdateFiles>",
      "<File Name=\"", "SrvPath=\"..\" ", "Item=\"Name\" ", "List=\"a\" ", "C:", "\0", "<!DOCTYPE a>", "<![CDATA[",
      "]]>",
      "<!--", "-->",
    ],
    mostChanges: 4
  )

  /// Whether a path stays below the root, by a rule of the test's own.
  private func staysInside(_ path: String) -> Bool {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
      && path.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != 0x5C && $0 != 0x3A }
  }

  @Test(arguments: 0..<3)
  func `a changed index is refused, or names paths inside the root only`(generation: Int) throws {
    let original = SyntheticIndexes.all[generation]
    var (accepted, refused) = (0, 0)
    for round in Fuzz.rounds("indexes of generation \(generation)", 3000, parts: 3) {
      var random = round.random
      let bytes = Self.mutator.changed(original, &random)
      do {
        let index = try IndexParser.parse(bytes, at: TreePath(constant: "index/u.xml"))
        accepted += 1
        let outside = index.entries.map(\.path.string).filter { !staysInside($0) }
        #expect(outside.isEmpty, "\(String(decoding: bytes, as: UTF8.self))")
        #expect(index.xmlByteCount <= bytes.count)
      } catch {
        refused += 1
        #expect(error.line.map { $0 >= 1 } ?? true)
      }
    }
    // Both happen often: else the changes would be too small or too large to try anything.
    #expect(accepted > (accepted + refused) / 15)
    #expect(refused > (accepted + refused) / 15)
  }

  @Test func `a changed catalogue is refused, or names paths inside the root only`() throws {
    let original = Array(SyntheticCatalogue.text.utf8)
    var (accepted, refused) = (0, 0)
    for round in Fuzz.rounds("catalogues of products", 3000) {
      var random = round.random
      do throws(IndexError) {
        let catalogue = try ProductCatalogue(parsing: Self.mutator.changed(original, &random))
        accepted += 1
        #expect(catalogue.products.flatMap(\.trees).allSatisfy { staysInside($0.string) })
      } catch {
        refused += 1
      }
    }
    #expect(accepted > (accepted + refused) / 15)
    #expect(refused > (accepted + refused) / 15)
  }
}
