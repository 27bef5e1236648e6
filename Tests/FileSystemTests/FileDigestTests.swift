import FileSystem
import MirrorTypes
import TestSupport
import Testing

@Suite struct FileDigestTests {
  @Test(arguments: [0, 1, 4095, 4096, 4097, 262_144, 262_145, 700_001])
  func `a file's digest is that of its bytes, read in pieces`(_ size: Int) throws {
    let folder = TemporaryFolder()
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    try Files.replace(folder["file"], with: bytes)
    var told: Int64 = 0
    let (digest, count) = try FileDigest.of(folder["file"]) { told += $0 }
    #expect(digest == .sha256(of: bytes))
    #expect(count == Int64(size) && told == count)
  }

  @Test func `the digest is the one of the standard`() {
    #expect(
      Digest256.sha256(of: "abc".utf8).hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
    #expect(
      Digest256.sha256(of: []).hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
  }

  @Test func `what is no plain file has none`() throws {
    let folder = TemporaryFolder()
    #expect(throws: FileError.self) { try FileDigest.of(folder["none"]) }
    #expect(throws: FileError.self) { try FileDigest.of(folder.path) }
  }
}
