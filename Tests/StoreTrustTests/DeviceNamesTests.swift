import BundleFormat
import Catalogue
import MirrorTypes
import Testing
import Trust

@testable import StoreTrust

/// Names that were taken before they were refused: what is signed with them stays of use.
@Suite struct DeviceNamesTests {
  @Test func `a file that an earlier program has signed under a device's name is taken, and reported`() throws {
    var odd = DeviceNames()
    for path in ["packages/a.deb", "packages/AUX.deb", "updates/con/x.dat"] {
      let target = TargetFile(path: path, length: 1, sha256: .sha256(of: [1]))
      let file = try SnapshotFile(target, origin: "kscmirror-000003", fetched: .epoch)
      #expect(file.path.string == path)
      odd.look(at: file.path)
    }
    let words = try #require(odd.words(of: "snapshot 3"))
    #expect(words.hasPrefix("snapshot 3: 2 files with a name that Windows keeps for a device: packages/AUX.deb, "))
    #expect(words.contains("updates/con/x.dat. "), "\(words)")
  }

  @Test func `nothing is said where no file has such a name, and a long list is cut`() throws {
    var odd = DeviceNames()
    odd.look(at: try TreePath("updates/auxiliary.xml"))
    #expect(odd.words(of: "snapshot 1") == nil)
    for number in 0..<100 { odd.look(at: try TreePath("a\(number)/nul")) }
    let words = try #require(odd.words(of: "snapshot 1"))
    #expect(words.contains("100 files") && words.contains("and 95 more") && words.utf8.count < 400, "\(words)")
  }
}
