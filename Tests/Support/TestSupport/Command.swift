import Foundation

/// Runs other programs in tests.
package enum Command {
  /// A program that did not end well.
  package struct Failure: Error, CustomStringConvertible {
    /// What was run, how it ended and what it said.
    package let description: String
  }

  /// Where a program is, if it is installed: in `PATH` or where system programs are.
  /// A name with a slash is a path already.
  package static func path(of program: String) -> String? {
    if program.contains("/") { return FileManager.default.isExecutableFile(atPath: program) ? program : nil }
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    return (folders + ["/usr/sbin", "/sbin"])
      .map { "\($0)/\(program)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// Runs a program to its end and returns what it wrote to standard output.
  ///
  /// - Throws: ``Failure`` if it is not there or its exit status is not 0.
  @discardableResult
  package static func run(_ program: String, _ arguments: [String]) throws -> String {
    guard let path = path(of: program) else { throw Failure(description: "\(program) is not installed") }
    let folder = TemporaryFolder()
    let (output, errors) = (folder["output"], folder["errors"])
    let ending = try ChildProcess(path, arguments, output: output, errors: errors).wait()
    guard ending == .exit(0) else {
      let said = (try? String(contentsOfFile: errors.string, encoding: .utf8)) ?? ""
      throw Failure(description: "\(program) ended with \(ending): \(said)")
    }
    return String(decoding: try Data(contentsOf: URL(fileURLWithPath: output.string)), as: UTF8.self)
  }
}
