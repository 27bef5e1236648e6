import Foundation
import SystemPackage
import TestSupport

/// A file system of the kind that sticks have, in an image file, mounted by FUSE. Needs root.
final class RealFileSystem {
  enum Kind: String, CaseIterable, Sendable {
    case exfat
    case ntfs
  }

  let kind: Kind
  let path: FilePath
  let image: FilePath
  private var loop: String?
  private var server: ChildProcess?

  /// - Parameter blockSize: the bytes of a block of exFAT; `nil`: what fits the size.
  init(_ kind: Kind, in folder: TemporaryFolder, megabytes: Int = 64, blockSize: Int? = nil) throws {
    self.kind = kind
    image = folder["\(kind).img"]
    path = try folder.subfolder("mounted-\(kind)")
    try Command.run("truncate", ["-s", "\(megabytes)M", image.string])
    switch kind {
    case .exfat: try Command.run("mkfs.exfat", (blockSize.map { ["-c", "\($0)"] } ?? []) + [image.string])
    case .ntfs: try Command.run("mkfs.ntfs", ["-F", "-Q", image.string])
    }
    try mount()
  }

  deinit { unmount() }

  func mount(readOnly: Bool = false) throws {
    let access = readOnly ? "ro" : "rw"
    let words: [String]
    switch kind {
    case .exfat:
      loop = try Command.run("losetup", ["-f", "--show", image.string]).trimmingCharacters(in: .whitespacesAndNewlines)
      words = ["mount.exfat-fuse", "-d", "-o", access, loop ?? "", path.string]
    case .ntfs: words = ["ntfs-3g", "-o", "\(access),no_detach", image.string, path.string]
    }
    guard let program = Command.path(of: words[0]) else { throw World.Failure(description: "no \(words[0])") }
    let server = try ChildProcess(program, Array(words.dropFirst()))
    self.server = server
    for _ in 0..<500 where !isMounted && server.isRunning { usleep(10_000) }
    guard isMounted else { throw World.Failure(description: "\(kind) cannot be mounted") }
  }

  private var isMounted: Bool {
    let (inner, outer) = (Self.device(path), Self.device(path.removingLastComponent()))
    return inner != nil && inner != outer
  }

  private static func device(_ path: FilePath) -> Int? {
    (try? FileManager.default.attributesOfItem(atPath: path.string))?[.systemNumber] as? Int
  }

  func unmount() {
    _ = try? Command.run("umount", [path.string])
    _ = try? Command.run("umount", ["-l", path.string])
    // Only when the server has gone is everything in the image.
    for _ in 0..<1000 where server?.isRunning == true { usleep(10_000) }
    pull()
    server = nil
    if let loop { _ = try? Command.run("losetup", ["-d", loop]) }
    loop = nil
  }

  /// Fills it with one file, so that about so many KiB are left.
  ///
  /// - Returns: how many bytes are left.
  func fill(_ ballast: FilePath, leaving kibibytes: Int) throws -> Int {
    try? FileManager.default.removeItem(atPath: ballast.string)
    func free() throws -> Int {
      let said = try Command.run("stat", ["-f", "-c", "%a %S", path.string])
      return said.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }.reduce(1, *)
    }
    let count = max(0, try free() / 1024 - kibibytes)
    try Command.run("dd", ["if=/dev/zero", "of=\(ballast)", "bs=1024", "count=\(count)", "status=none"])
    return try free()
  }

  /// Makes the file system vanish, as a stick that is pulled: its server dies.
  func pull() {
    server?.kill(SIGKILL)
    server?.wait()
  }

  /// Flips a bit of a file that lies in the image, in its middle.
  func flip(in content: Data) throws {
    let middle = content.count / 2
    let image = URL(fileURLWithPath: image.string)
    let bytes = try Data(contentsOf: image, options: .alwaysMapped)
    guard let place = bytes.range(of: content[middle..<min(content.count, middle + 64)]) else {
      throw World.Failure(description: "the file is not in the image")
    }
    let byte = bytes[place.lowerBound] ^ 1
    let handle = try FileHandle(forWritingTo: image)
    try handle.seek(toOffset: UInt64(place.lowerBound))
    try handle.write(contentsOf: [byte])
    try handle.close()
  }

  /// Checks the unmounted image.
  func check() throws {
    switch kind {
    case .exfat: try Command.run("fsck.exfat", ["-n", image.string])
    case .ntfs: try Command.run("ntfsfix", ["-n", image.string])
    }
  }

  /// The kinds that can be made and mounted here.
  static let possible: [Kind] = Kind.allCases.filter { kind in
    (try? RealFileSystem(kind, in: TemporaryFolder(), megabytes: 16)) != nil
  }
}
