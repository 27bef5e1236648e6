import Foundation
import Glibc
import SystemPackage
import TestSupport

/// Another process that has files locked.
final class LockHoldings {
  private let processes: [ChildProcess]

  /// Locks a file as this test's user, and waits until it is.
  init(_ file: FilePath) throws {
    processes = [try Self.holder(of: file, by: nil)]
    let deadline = ContinuousClock.now + .seconds(20)
    while !Self.isLocked(file), ContinuousClock.now < deadline { usleep(5_000) }
  }

  /// Tries to lock files as the user `nobody`, and goes on with what it gets.
  init(asNobody files: [FilePath]) throws {
    processes = try files.map {
      try Self.holder(of: $0, by: ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"])
    }
    usleep(200_000)
  }

  deinit { for process in processes { process.kill(SIGKILL) } }

  /// The number of the first process.
  var number: pid_t { processes[0].number }

  private static func holder(of file: FilePath, by prefix: [String]?) throws -> ChildProcess {
    // It becomes the program that sleeps, and keeps the lock.
    let words = (prefix ?? []) + ["flock", "--no-fork", "--exclusive", "--nonblock", file.string, "sleep", "300"]
    return try ChildProcess(Command.path(of: words[0]) ?? words[0], Array(words.dropFirst()))
  }

  /// Whether somebody has a file locked.
  static func isLocked(_ file: FilePath) -> Bool {
    let raw = open(file.string, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard raw >= 0 else { return false }
    defer { close(raw) }
    return flock(raw, LOCK_SH | LOCK_NB) != 0
  }

  /// Whether this machine has what these need.
  static var canBeTried: Bool {
    geteuid() == 0 && Command.path(of: "setpriv") != nil && Command.path(of: "flock") != nil
  }
}

extension World {
  /// All files of a store but objects and releases.
  static func stateFiles(of store: FilePath) throws -> [FilePath] {
    try FileManager.default.subpathsOfDirectory(atPath: store.string)
      .filter {
        !$0.hasPrefix("objects") && !$0.hasPrefix("releases") && !$0.hasPrefix("current") && !$0.hasPrefix("previous")
      }
      .map { store.pushing(FilePath($0)) }
      .filter {
        var record = stat()
        return lstat($0.string, &record) == 0 && record.st_mode & S_IFMT == S_IFREG
      }
  }

  /// What of a store somebody would call changed: what is published, trusted, known and signed, and by which keys.
  static func state(of store: FilePath) throws -> [String: Data] {
    var state: [String: Data] = [:]
    for file in try stateFiles(of: store) {
      let name = String(file.string.dropFirst(store.string.count + 1))
      let isKept = ["keys/", "trust/", "receipts/", "metadata/", "parcels/", "licences/", "exchange/"].contains {
        name.hasPrefix($0)
      }
      if isKept && !name.hasSuffix("lock") { state[name] = try Data(contentsOf: URL(fileURLWithPath: file.string)) }
    }
    state["current"] = Data(
      (try? FileManager.default.destinationOfSymbolicLink(atPath: store.appending("current").string))?.utf8 ?? "".utf8
    )
    state["releases"] = Data(
      ((try? FileManager.default.contentsOfDirectory(atPath: store.appending("releases").string)) ?? []).sorted()
        .joined().utf8
    )
    return state
  }
}
