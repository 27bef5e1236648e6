/// Names that operating systems and their desktops give to files and folders which they make by themselves on whatever
/// they mount. They mean nothing to anybody who reads a stick, and are never opened.
package enum SystemNames {
  /// Whether a file or folder of this name is one that a system makes. Other kinds, such as links, are none.
  package static func isKnown(_ name: String, isFolder: Bool) -> Bool {
    let lower = name.lowercased()
    if isFolder { return folders.contains(lower) || isNumbered(lower, ".trash-") || isNumbered(lower, "found.") }
    return files.contains(lower)
      || filePrefixes.contains { lower.hasBytePrefix($0) && lower.utf8.count > $0.utf8.count }
  }

  /// In small letters: FAT and NTFS do not tell these apart.
  private static let folders: Set<String> = [
    // Windows
    "$recycle.bin", "recycler", "recycled", "system volume information", "msdownld.tmp",
    // macOS
    ".trashes", ".fseventsd", ".spotlight-v100", ".temporaryitems", ".documentrevisions-v100", ".appledouble",
    ".appledb", ".appledesktop", "network trash folder", "temporary items", ".pkinstallsandboxmanager",
    // Linux and its desktops
    "lost+found", ".trash",
    // Android
    "lost.dir", ".android_secure", "android",
  ]

  private static let files: Set<String> = [
    "desktop.ini", "thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "bootex.log",
    ".ds_store", ".localized", ".apdisk", ".volumeicon.icns", ".metadata_never_index", ".metadata_direct_scope_only",
    ".com.apple.timemachine.donotpresent", "icon\r", ".directory", ".hidden", ".xdg-volume-info",
  ]

  /// AppleDouble (`._NAME` beside each NAME on file systems without extended attributes), and files that are still open
  /// after their removal, by FUSE and by NFS.
  private static let filePrefixes = ["._", ".fuse_hidden", ".nfs0"]

  private static func isNumbered(_ name: String, _ prefix: String) -> Bool {
    guard let rest = name.removing(prefix: prefix) else { return false }
    return !rest.isEmpty && rest.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }
}
