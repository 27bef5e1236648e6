import MirrorTypes
import ObjectBucket
import Testing

@Suite("Releases in a bucket")
struct ReleaseTests {
  private let layout = BucketLayout(prefix: "m")

  private func manifest(_ number: Int, _ contents: [UInt8]) throws -> ReleaseManifest {
    ReleaseManifest(
      number: number,
      entries: try contents.map {
        .init(
          path: try TreePath("updates/\($0)"),
          object: ObjectDigest.sha256(of: [$0]),
          size: 1,
          type: "text/plain; a=b"
        )
      }
    )
  }

  @Test("a manifest and a pointer read back as they were written, and nothing else reads")
  func roundTrip() throws {
    let layout = try #require(layout)
    let manifest = try manifest(3, [1, 2])
    let bytes = manifest.bytes
    #expect(ReleaseManifest(reading: bytes) == manifest)
    for count in 0..<bytes.count where bytes[..<count].last != UInt8(ascii: "\n") {
      #expect(ReleaseManifest(reading: Array(bytes[..<count])) == nil)
    }
    #expect(ReleaseManifest(reading: bytes + Array("x\t1\ty\tz\n".utf8)) == nil)
    let digest = ObjectDigest.sha256(of: bytes)
    let key = layout.key(ofRelease: 3, manifest: digest)
    let pointer = ReleasePointer(release: 3, manifest: key, digest: digest, size: bytes.count)
    #expect(ReleasePointer(reading: pointer.bytes, layout) == pointer)
    let stray = ReleasePointer(release: 4, manifest: key, digest: digest, size: bytes.count)
    #expect(ReleasePointer(reading: stray.bytes, layout) == nil)
    let text = String(decoding: pointer.bytes, as: UTF8.self)
    for (old, new) in [
      ("\"format\":1", "\"format\":1,\"format\":1"), ("\"format\":1", "\"format\":1.0"),
      ("\"format\":1", "\"format\":2"),
      ("\"release\":3", "\"release\":\"3\""), ("\"release\":3", "\"release\":3,\"a\":[1]"), ("}\n", "} {}\n"),
      ("\"size\":\(bytes.count)", "\"size\":-1"),
    ] {
      let changed = text.replacing(old, with: new)
      #expect(changed != text && ReleasePointer(reading: Array(changed.utf8), layout) == nil, "\(new)")
    }
  }

  @Test("pruning keeps the newest, the current, and whatever any manifest names; and touches no other key")
  func prune() throws {
    let layout = try #require(layout)
    let digests = (0..<6).map { ObjectDigest.sha256(of: [$0]) }
    let releases = (1...5).map { layout.key(ofRelease: $0, manifest: digests[$0]) }
    let objects = digests.map { layout.key(of: $0) }
    let strangers = ["m/objects/notes", "m/releases/old", "m/current", "other/objects/ab/cd"]
    let plan = PrunePlan(
      keys: releases + objects + strangers,
      keeping: 2,
      current: releases[0],
      named: Set(digests[1...]),
      layout
    )
    #expect(Set(plan.manifests) == Set(releases[1...2]))
    #expect(plan.objects == [objects[0]])
  }
}
