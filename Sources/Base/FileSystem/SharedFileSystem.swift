import CLinux
import Glibc
import SystemPackage

/// Kinds of file system that other hosts may use at the same time, or that a program serves: locks and shared memory do not
/// always work there.
package enum SharedFileSystem {
  /// By the numbers that statfs(2) gives.
  private static let names: [Int: String] = [
    0x6969: "NFS", 0xFF53_4D42: "SMB", 0xFE53_4D42: "SMB", 0x517B: "SMB", 0x00C3_6400: "Ceph", 0x6573_5546: "FUSE",
    0x0102_1997: "9p", 0x5346_414F: "AFS", 0x7461_636F: "OCFS2", 0x0116_1970: "GFS2", 0x786F_4256: "vboxsf",
  ]

  /// The name of such a kind that a file or folder lies on; `nil` where it is another kind, or nothing can be learned.
  package static func name(at path: FilePath) -> String? {
    let descriptor = open(path.string, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return name(ofKind: Int(file_system_kind_of(descriptor)))
  }

  /// The name of such a kind, by its number.
  static func name(ofKind kind: Int) -> String? { names[kind] }
}
