import FileSystem
import StrictJSON
import SystemPackage

/// A file in the store to which a job adds a line for each step, on the disk before the next step: JSON, each line of
/// one `kind`.
///
/// What a killed run has not finished writing is passed over, and gone when the next line is added.
package struct StateLog: Sendable {
  private let path: FilePath
  private let kind: String
  private let what: String
  private let remedy: String
  private let maximumSize: Int
  /// Whether the file ends in a part of a line.
  private(set) var isTorn = false
  /// How many lines it has.
  package private(set) var lines = 0

  /// A file, which need not be there.
  ///
  /// - Parameters:
  ///   - kind: what each line says that it is.
  ///   - what: what stands in it, for messages.
  ///   - remedy: what to do when it is damaged.
  ///   - maximumSize: the most bytes.
  package init(_ path: FilePath, kind: String, what: String, remedy: String, maximumSize: Int) {
    self.path = path
    self.kind = kind
    self.what = what
    self.remedy = remedy
    self.maximumSize = maximumSize
  }

  /// Reads all lines.
  ///
  /// - Parameter take: gives `false` for a line that the program would not have written.
  /// - Throws: an error with ``ExitStatus/badStore`` when one is damaged; ``FileError`` when it cannot be read.
  package mutating func read(_ take: (JSONObject) -> Bool) throws {
    guard try Files.status(path) != nil else { return }
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try Files.read(path, atMost: maximumSize)
    } catch {
      throw error.isNoSuchPlainFile ? damaged("it is not a plain file of at most \(maximumSize) bytes") : error
    }
    let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { bytes[...$0] } ?? []
    for line in whole.split(separator: UInt8(ascii: "\n")) {
      lines += 1
      guard let object = (try? JSONValue(parsing: line))?.object, object["kind"]?.string == kind, take(object) else {
        throw damaged("in line \(lines)")
      }
    }
    isTorn = whole.count < bytes.count
  }

  /// Adds a line, and waits until it is on the disk; a file that ends in a part of a line is written anew.
  ///
  /// - Parameter all: every line that is to stay, the new one among them, for when the file is written anew.
  package mutating func append(_ line: JSONObject, orRewrite all: () -> [JSONObject]) throws {
    if isTorn { return try rewrite(all()) }
    try Files.makeFolder(path.removingLastComponent(), permissions: 0o700)
    let isNew = try Files.status(path) == nil
    var output = try OutputFile(path, permissions: 0o600, append: true)
    try output.write(bytes(line))
    try output.sync()
    try output.close()
    if isNew { try Files.syncFolder(path.removingLastComponent()) }
    lines += 1
  }

  /// Writes the file anew, in one step.
  package mutating func rewrite(_ all: [JSONObject]) throws {
    try Files.replace(path, with: all.flatMap(bytes), permissions: 0o600)
    lines = all.count
    isTorn = false
  }

  private func bytes(_ line: JSONObject) -> [UInt8] {
    var object = line
    object["kind"] = .string(kind)
    return JSONValue.object(object).serialized + [UInt8(ascii: "\n")]
  }

  private func damaged(_ reason: String) -> JobError {
    JobError(.badStore, "\(path): \(what) is damaged (\(reason))", remedy: remedy)
  }
}
