import MirrorTypes
import SystemPackage

/// A folder of key files (`.key`): what a site has in store, where no server can be asked.
///
/// A key file is opaque here: nobody but the vendor documents what is in it, and it may be an activation code in text.
/// So a document tells its name, size and SHA-256, and its content goes into ``LicenceBodies`` only if asked for.
package struct KeyFileFolder: Hashable, Sendable {
  /// The files, in the order of their names.
  package let files: [LicenceKeyFile]
  /// The names that are no plain files, or no key files by their size: links, folders, empty and huge ones.
  package let skipped: Int

  /// The most names in a folder.
  package static let maximumCount = 10_000

  /// Reads a folder.
  ///
  /// - Parameter body: takes each file's name and content, if somebody wants it.
  /// - Throws: ``ExchangeError``.
  package init(_ path: FilePath, body: ((String, LicenceBody) -> Void)? = nil) throws(ExchangeError) {
    let folder = try PlainFolder(path, atMost: Self.maximumCount) {
      $0.lowercased().hasSuffix(".key") && SafeText.isClean($0, atMost: 255)
    }
    var files: [LicenceKeyFile] = []
    var skipped = folder.skipped
    for entry in folder.entries {
      guard entry.size <= LicenceBody.maximumSize,
        let content = LicenceBody(try folder.bytes(of: entry.name, atMost: LicenceBody.maximumSize))
      else {
        skipped += 1
        continue
      }
      let digest = content.revealed { Digest256.sha256(of: $0) }
      files.append(LicenceKeyFile(name: entry.name, size: content.count, digest: digest))
      body?(entry.name, content)
    }
    self.files = files
    self.skipped = skipped
  }
}
