import FileSystem
import MirrorTypes
import SystemPackage

/// A patch that was made and tried out.
struct MadePatch: Sendable {
  /// What it is made from and makes. Bases that did not help are left out.
  var group: PatchGroup
  /// The zstd frame.
  var frame: [UInt8]
}

/// Makes the patches of groups. One thread at a time.
final class PatchMaker {
  private let zstd: ZstdPatcher
  private let objectPath: @Sendable (ObjectDigest) -> FilePath

  init(level: Int, objectPath: @escaping @Sendable (ObjectDigest) -> FilePath) throws(BundleError) {
    do throws(ZstdPatcher.Failure) { zstd = try ZstdPatcher(level: level) } catch { throw .patch(error.reason) }
    self.objectPath = objectPath
  }

  /// Compresses a group's new files against its old ones, and applies what has come out.
  func make(_ group: PatchGroup) throws(BundleError) -> MadePatch {
    let content = try read(group.objects)
    try verify(group.objects, content)
    let prefix = try read(group.bases)
    do throws(ZstdPatcher.Failure) {
      var made = MadePatch(group: group, frame: try zstd.compress(content, against: prefix))
      var used = prefix
      if !prefix.isEmpty, Self.isDoubtful(made.frame.count, of: content.count) {
        let alone = try zstd.compress(content, against: [])
        // A base that saves next to nothing only makes the reader's work longer.
        if alone.count <= made.frame.count + made.frame.count / 32 {
          made = MadePatch(group: PatchGroup(bases: [], objects: group.objects), frame: alone)
          used = []
        }
      }
      guard try zstd.decompress(made.frame, against: used, size: content.count) == content else {
        throw ZstdPatcher.Failure(reason: "applied, it gives other bytes")
      }
      return made
    } catch {
      throw .patch("\(group.objects.first?.path.string ?? ""): \(error.reason)")
    }
  }

  /// Whether a patch is so large that it may be no smaller than without its bases.
  private static func isDoubtful(_ patch: Int, of content: Int) -> Bool { patch > content / 2 }

  private func read(_ extents: [Extent]) throws(BundleError) -> [UInt8] {
    do throws(FileError) { return try ExtentReading.read(extents, objectPath) } catch { throw .file(error) }
  }

  /// Sees that what was read is what the objects' names say; parts of large objects are proven by the whole, elsewhere.
  private func verify(_ extents: [Extent], _ content: [UInt8]) throws(BundleError) {
    var start = 0
    for extent in extents {
      let end = start + Int(extent.length)
      if extent.isWhole, ObjectDigest.sha256(of: content[start..<end]) != extent.object {
        throw .objectMismatch(extent.object, objectPath(extent.object))
      }
      start = end
    }
  }
}
