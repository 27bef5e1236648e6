import FileSystem
import Glibc
import JobCore
import SystemPackage

/// Does what belongs to the store as its owner: what root makes there, the timers' user could not change later.
enum StoreOwner {
  /// The user that packages make.
  static let usualUser = "kscmirror"

  /// Makes the store's folder if it is missing, and runs `body` as the user whose it is, if this is root.
  static func acting<Result>(for store: FilePath, _ body: () throws -> Result) throws -> Result {
    guard geteuid() == 0 else { return try body() }
    try makeFolder(store)
    guard let status = try Files.status(Files.resolvingLinks(store)), status.owner != 0 else { return try body() }
    guard let entry = getpwuid(status.owner) else { return try body() }
    let (user, group) = (entry.pointee.pw_uid, entry.pointee.pw_gid)
    guard setegid(group) == 0, seteuid(user) == 0 else {
      throw JobError(.permission, "cannot act as user \(user): \(Errno(rawValue: errno))")
    }
    defer {
      _ = seteuid(0)
      _ = setegid(0)
    }
    return try body()
  }

  private static func makeFolder(_ store: FilePath) throws {
    guard try Files.status(store) == nil else { return }
    try Files.makeFolder(store)
    guard let entry = getpwnam(usualUser), try isReachable(store) else { return }
    let (user, group) = (entry.pointee.pw_uid, entry.pointee.pw_gid)
    guard chown(store.string, user, group) == 0, chmod(store.string, 0o2755) == 0 else {
      throw JobError(.permission, "cannot give \(store) to user \(usualUser): \(Errno(rawValue: errno))")
    }
  }

  /// Whether others pass to a folder, so that another user can work in it.
  private static func isReachable(_ folder: FilePath) throws -> Bool {
    var next = try Files.resolvingLinks(folder).removingLastComponent()
    while !next.components.isEmpty {
      guard let status = try Files.status(next), status.permissions & 0o001 != 0 else { return false }
      next = next.removingLastComponent()
    }
    return true
  }
}
