import Catalogue
import ContentStore
import FileSystem
import JobCore
import MirrorTypes
import VendorSignatures

/// Takes a file of an adopted folder into the store: the joint between ContentStore and VendorSignatures.
struct AdoptedFile {
  /// Its object.
  let object: FinishedObject
  /// The Streebog-256 of its content.
  let contentHash: Digest256
  /// The vendor's digest of it under its name: what an index says of it if it is the vendor's.
  let digest: Digest256

  /// Reads a plain file once, from beginning to end.
  init(_ place: Place, name: Substring, into store: ContentStore) throws {
    let input = try InputFile(place)
    input.adviseSequential()
    let writer = try store.writer()
    var hash = try Streebog256()
    var buffer = [UInt8](repeating: 0, count: 262_144)
    var rest = input.size
    while true {
      let count = try input.read(into: &buffer)
      if count == 0 { break }
      // One that grows while it is read has no end.
      rest -= Int64(count)
      guard rest >= 0 else { throw JobError(.inputOutput, "\(place) changes while it is read") }
      try buffer.withUnsafeBytes { bytes in
        let part = UnsafeRawBufferPointer(rebasing: bytes[..<count])
        try writer.append(part)
        hash.update(part)
      }
    }
    let content = hash.finalize()
    guard let contentHash = Digest256(bytes: content),
      let digest = Digest256(bytes: try DSKM2.digest(contentHash: content, name: String(name)))
    else { throw JobError(.software, "a digest has not 32 bytes") }
    object = try writer.finish()
    (self.contentHash, self.digest) = (contentHash, digest)
  }
}
