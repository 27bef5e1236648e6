import MirrorTypes
import Testing

@testable import WebStore

/// The paths of a release in memory.
struct ReleaseIndexTests {
  private func index(_ paths: [String]) -> ReleaseIndex {
    var index = ReleaseIndex(number: 1)
    for (position, path) in paths.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }).enumerated() {
      let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: position), count: 32)
      index.append(path, digest: Digest256(bytes: bytes)!, size: Int64(position), changed: 5)
    }
    index.finish()
    return index
  }

  @Test func `each path is found, and nothing else`() {
    var paths: [String] = []
    for folder in ["packages", "updates/bases", "updates/Index", "updates/a"] {
      for number in 0..<500 { paths.append("\(folder)/File\(number * 7919 % 1000).dat") }
    }
    let unique = Array(Set(paths))
    let index = index(unique)
    #expect(index.count == unique.count)
    for path in unique {
      #expect(index.entry(path) != nil)
      #expect(index.entry(path + "x") == nil)
      #expect(index.entry(String(path.dropLast())) == nil)
    }
    #expect(index.entry("") == nil)
    #expect(ReleaseIndex(number: 1).entry("a") == nil)
  }

  @Test func `letters of either case are as good as the other below updates, and only there`() {
    let index = index(["packages/A.deb", "updates/AH/ah0000.DAT", "updates/b/X", "updates/b/x"])
    #expect(index.entryIgnoringCase("updates/ah/AH0000.dat")?.path == "updates/AH/ah0000.DAT")
    #expect(index.entryIgnoringCase("updates/B/x")?.path == "updates/b/X")
    #expect(index.entryIgnoringCase("packages/a.deb") == nil)
    #expect(index.entryIgnoringCase("updates/ah/ah0000.da") == nil)
  }

  @Test func `the paths of a folder are listed, up to a limit`() {
    let index = index(["packages/a", "packages/b", "updates/c"])
    #expect(index.paths(below: "packages/", atMost: 1).map(\.path) == ["packages/a"])
    #expect(index.count(below: "packages/") == 2)
  }
}
