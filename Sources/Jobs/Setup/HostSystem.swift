import FileSystem
import Glibc
import JobCore
import SystemPackage

/// What of the host is asked, and changed, by a setup.
package protocol SetupHost: Sendable {
  /// Whether systemd runs this host.
  var hasSystemd: Bool { get }
  /// The name of the host, up to the first dot.
  var hostName: String { get }
  /// Who runs the program.
  var user: String { get }
  /// The name of the user whose a folder is; `nil` where that cannot be told.
  func owner(of folder: FilePath) -> String?
  /// Runs a program of the system.
  ///
  /// - Throws: an error when it cannot be run, or says that it failed.
  func run(_ words: [String]) throws
}

/// This host.
package struct HostSystem: SetupHost {
  package init() {}

  package var hasSystemd: Bool { (try? Files.status("/run/systemd/system"))?.kind == .folder }

  package var hostName: String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "" }
    return String(
      String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self).prefix { $0 != "." }
    )
  }

  package var user: String { Self.name(of: geteuid()) }

  package func owner(of folder: FilePath) -> String? {
    (try? Files.status(folder)).map { Self.name(of: $0.owner) }
  }

  private static func name(of user: uid_t) -> String {
    guard let entry = getpwuid(user), let name = entry.pointee.pw_name else { return "\(user)" }
    return String(cString: name)
  }

  package func run(_ words: [String]) throws {
    var process = pid_t()
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // Standard output has our result alone.
    posix_spawn_file_actions_adddup2(
      &actions,
      FileDescriptor.standardError.rawValue,
      FileDescriptor.standardOutput.rawValue
    )
    let failure = posix_spawnp(&process, words.first ?? "", &actions, nil, &arguments, nil)
    guard failure == 0 else {
      throw JobError(.permission, "cannot run \(words.first ?? ""): \(Errno(rawValue: failure))")
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    guard status == 0 else {
      throw JobError(
        .partial,
        "'\(words.joined(separator: " "))' failed",
        remedy: "Its message is above. Run it again yourself; everything else is set up."
      )
    }
  }
}
