import MirrorTypes
import ObjectBucket
import Testing

@Suite("The layout of a bucket")
struct LayoutTests {
  let layout = BucketLayout(prefix: "mirror/a")

  @Test("a key leads back to what it is of, and no other key does")
  func keys() throws {
    let layout = try #require(layout)
    let object = ObjectDigest.sha256(of: [1, 2, 3])
    let key = layout.key(of: object)
    #expect(key == "mirror/a/objects/03/9058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81")
    #expect(layout.object(at: key) == object)
    #expect(layout.object(at: key.uppercased()) == nil)
    #expect(layout.object(at: "mirror/b" + key.dropFirst(8)) == nil)
    let release = layout.key(ofRelease: 7, manifest: object)
    #expect(layout.release(at: release)?.number == 7)
    #expect(layout.release(at: release + "0") == nil)
    #expect(layout.release(at: key) == nil)
  }

  @Test("a prefix has no parts that lead elsewhere", arguments: ["/", "/a", "a//b", "..", "a/../b", "a b", "ä", "a?b"])
  func prefixes(prefix: String) { #expect(BucketLayout(prefix: prefix) == nil) }
}
