import Glibc
import SystemPackage

/// A process that holds a lock on a file, as `/proc` shows it.
package struct LockHolder: Hashable, Sendable {
  /// Its number.
  package let process: Int
  /// The name of its program, if that can be read and holds nothing but letters, digits and `._-`.
  package let program: String?
  /// The user it runs as, by name, or by number where there is none.
  package let user: String?

  /// What `/proc` shows of a process.
  init(process: Int) {
    self.process = process
    program = Self.program(of: process)
    var record = stat()
    user = stat("/proc/\(process)", &record) == 0 ? SystemUser.name(of: record.st_uid) : nil
  }

  /// Who holds a lock of any kind on a file; `nil` if nobody does, or the kernel does not show it.
  ///
  /// - Parameter others: whether only other processes than this one are looked for.
  package static func of(_ path: FilePath, others: Bool = false) -> LockHolder? {
    guard let status = try? Files.status(path) else { return nil }
    return of(status, others: others)
  }

  /// The same for a file that was looked at before, which may have lost its name since.
  package static func of(_ file: FileStatus, others: Bool = false) -> LockHolder? {
    let found = KernelLock.all().filter { lock in
      lock.inode == file.inode && lock.process > 0 && !(others && lock.process == Int(getpid()))
    }
    // Where a file system shows its files under another device than its own, the inode alone has to do.
    let exact = found.first { $0.major == major(file.device) && $0.minor == minor(file.device) }
    return (exact ?? found.first).map { LockHolder(process: $0.process) }
  }

  private static func program(of process: Int) -> String? {
    guard let bytes = ProcFile.read("/proc/\(process)/comm") else { return nil }
    let name = bytes.prefix { $0 != UInt8(ascii: "\n") }
    let isPlain = name.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
    return isPlain && !name.isEmpty ? String(decoding: name, as: UTF8.self) : nil
  }

  // The numbers of glibc's macros, which Swift does not see.
  private static func major(_ device: UInt64) -> UInt64 { (device >> 8) & 0xFFF | (device >> 32) & 0xFFFF_F000 }

  private static func minor(_ device: UInt64) -> UInt64 { device & 0xFF | (device >> 12) & 0xFFFF_FF00 }
}

extension LockHolder: CustomStringConvertible {
  /// `process 4711 (python3) of user nobody`.
  package var description: String {
    "process \(process)" + (program.map { " (\($0))" } ?? "") + (user.map { " of user \($0)" } ?? "")
  }
}

/// A line of `/proc/locks`, such as `1: FLOCK  ADVISORY  WRITE 4711 fd:00:123456 0 EOF`. Looking there disturbs nobody.
package struct KernelLock: Hashable, Sendable {
  /// The process that took it; less than 1 where the kernel does not show it.
  package let process: Int
  /// The file's inode number.
  package let inode: UInt64
  /// The file system's device.
  let major: UInt64, minor: UInt64

  /// Reads a line; `nil` for one of a process that still waits, and for what is none.
  package init?(_ line: some StringProtocol) {
    let words = line.split(separator: " ")
    guard words.count >= 6, words[1] != "->", let process = Int(words[4]) else { return nil }
    let place = words[5].split(separator: ":")
    guard place.count == 3, let major = UInt64(place[0], radix: 16), let minor = UInt64(place[1], radix: 16),
      let inode = UInt64(place[2])
    else { return nil }
    self.process = process
    (self.major, self.minor, self.inode) = (major, minor, inode)
  }

  /// All locks that the kernel shows; none where it shows nothing.
  package static func all() -> [KernelLock] {
    guard let bytes = ProcFile.read("/proc/locks") else { return [] }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap(KernelLock.init)
  }
}

/// A file of `/proc`, which has no size and is read to its end.
enum ProcFile {
  /// Its bytes, at most the first 16 MiB; `nil` if it cannot be read.
  static func read(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count < 16 << 20 {
      let count = fread(&buffer, 1, buffer.count, file)
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    return bytes
  }
}
