import MirrorTypes
import TestSupport
import Testing

@testable import UpdateIndex

/// Changes patterns and lists of differences at random: see `Fuzz`.
@Suite struct PatternFuzzTests {
  private static let mutator = Mutator(
    [
      "|", ";", "!", "?", "*", ".", "[", "]", "-", ",", " ", "4294967295", "4294967296", "KES",
    ],
    longest: 200,
    mostChanges: 4
  )

  @Test func `whatever patterns are read, they meet each other both ways, and each meets itself if it can be met`() {
    let original = Array("!KES 21.3;KAV|KIS 21.[4-9,13-24];KTS [1-*].*.7".utf8)
    var (read, refused) = (0, 0)
    for round in Fuzz.rounds("patterns of applications", 2000) {
      var random = round.random
      let texts = (0..<2).map { _ in
        var changed = original
        changed = Self.mutator.changed(changed, &random)
        return String(decoding: changed, as: UTF8.self)
      }
      guard let one = try? ApplicationPattern(texts[0]), let other = try? ApplicationPattern(texts[1]) else {
        refused += 1
        continue
      }
      read += 1
      #expect(one.mayMeet(other) == other.mayMeet(one), "\(round): \(texts)")
      for (left, right) in zip(one.taken, other.taken) {
        let common = left.versions.intersection(right.versions)
        #expect((common == nil) == (right.versions.intersection(left.versions) == nil), "\(round)")
        if let common { #expect(left.versions.covers(common) || common.places.count > 8, "\(round): \(texts)") }
      }
    }
    #expect(read > 0 && refused > 0)
  }

  @Test func `a changed list of differences is refused, or names files of its own folder`() throws {
    let path = TreePath(constant: "diffs/bases/kdb/~kdb.dat.diffs")
    let original: [UInt8] = [0xEF, 0xBB, 0xBF] + Array("kdb.dat.abc\r\n\r\nkdb.dat.def\r\nkdb.dat.0123456789\r\n".utf8)
    let mutator = Mutator(["/", "..", "\\", "\0", "\r", "\n", "C:", "\u{202E}"])
    var (read, refused) = (0, 0)
    for round in Fuzz.rounds("lists of differences", 3000) {
      var (changed, random) = (original, round.random)
      changed = mutator.changed(changed, &random)
      do throws(DifferenceListError) {
        let list = try DifferenceList(parsing: changed, at: path)
        read += 1
        #expect(list.files.allSatisfy { $0.folder?.string == "diffs/bases/kdb" }, "\(round)")
        #expect(Set(list.files).count == list.files.count, "\(round)")
      } catch {
        refused += 1
      }
    }
    #expect(read > 0 && refused > 0)
  }
}
