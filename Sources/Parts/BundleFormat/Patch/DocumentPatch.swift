import Unpacking

/// A patch of one document against another that both sides can make: lists of files, of which little changes.
package enum DocumentPatch {
  /// Makes a patch, and tries it out.
  package static func make(of new: [UInt8], against old: [UInt8]) throws(BundleError) -> [UInt8] {
    do throws(ZstdPatcher.Failure) {
      let zstd = try ZstdPatcher(level: 9)
      let patch = try zstd.compress(new, against: old)
      guard try zstd.decompress(patch, against: old, size: new.count) == new else {
        throw ZstdPatcher.Failure(reason: "applied, it gives other bytes")
      }
      return patch
    } catch {
      throw .patch(error.reason)
    }
  }

  /// Applies a patch.
  ///
  /// - Parameter limit: the most bytes that may come out.
  /// - Throws: ``BundleError/patch(_:)`` for what is not a patch against this document.
  package static func apply(_ patch: [UInt8], to old: [UInt8], atMost limit: Int) throws(BundleError) -> [UInt8] {
    do {
      return try PatchApplier().apply(patch, to: old, atMost: limit)
    } catch PatchApplier.Failure.patch(let why) {
      throw .patch(why)
    } catch PatchApplier.Failure.process(let cause) {
      throw .patch("\(cause)")
    } catch {
      throw .patch("\(error)")
    }
  }
}
