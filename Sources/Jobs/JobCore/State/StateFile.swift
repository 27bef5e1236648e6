import Failures
import FileSystem
import StrictJSON
import SystemPackage

/// A file in the store with which a job remembers something from one run to the next: JSON in one line that says what it
/// is (`kind`) and in which form (`format`), read within bounds and replaced in one step.
///
/// It is private to the program: what is in it was written by this program, so that anything else means damage. Each
/// file says what a person can do then.
package struct StateFile: Sendable {
  package let path: FilePath
  private let kind: String
  private let what: String?
  private let remedy: String
  private let maximumSize: Int
  private let isPrivate: Bool
  private let wasUnmarked: Bool

  private static let format: Int64 = 1

  /// A file, which need not be there.
  ///
  /// - Parameters:
  ///   - kind: what it says that it is.
  ///   - what: what stands in it, for messages; `nil`: nothing that a person would know by a name.
  ///   - remedy: what to do when it is damaged.
  ///   - maximumSize: the most bytes, which neither a reader nor a writer exceeds.
  ///   - isPrivate: whether only its owner may read it, and the folder that it is made in.
  ///   - wasUnmarked: whether earlier versions wrote it without `kind` and `format`.
  package init(
    _ path: FilePath,
    kind: String,
    what: String? = nil,
    remedy: String,
    maximumSize: Int,
    isPrivate: Bool = false,
    wasUnmarked: Bool = false
  ) {
    self.path = path
    self.kind = kind
    self.what = what
    self.remedy = remedy
    self.maximumSize = maximumSize
    self.isPrivate = isPrivate
    self.wasUnmarked = wasUnmarked
  }

  /// Whether it is there.
  package func exists() throws(FileError) -> Bool { try Files.status(path) != nil }

  /// What stands in it; `nil` when it is not there.
  ///
  /// - Throws: an error with ``ExitStatus/badStore`` when it is damaged, or of a newer version; ``FileError`` when it
  ///   cannot be read.
  package func read() throws -> JSONObject? {
    guard let bytes = try bytes() else { return nil }
    let value: JSONValue
    do throws(JSONError) {
      var limits = JSONLimits.signed
      limits.bytes = maximumSize
      value = try JSONValue(parsing: bytes, within: limits)
    } catch {
      throw damaged("\(error)")
    }
    guard let object = value.object else { throw damaged("it is not an object") }
    if wasUnmarked, object["kind"] == nil, object["format"] == nil { return object }
    guard object["kind"]?.string == kind else { throw damaged("it is not '\(kind)'") }
    let format = object["format"]?.integer ?? (wasUnmarked ? Self.format : 0)
    guard format <= Self.format else { throw tooNew(format) }
    guard format == Self.format else { throw damaged("it has no format") }
    return object
  }

  /// What stands in it, as a value; `nil` when it is not there.
  ///
  /// - Parameter decode: gives `nil` for what the program would not have written.
  /// - Throws: as ``read()``, and whatever `decode` throws.
  package func read<Value>(_ decode: (JSONObject) throws -> Value?) throws -> Value? {
    guard let object = try read() else { return nil }
    guard let value = try decode(object) else { throw damaged }
    return value
  }

  /// What stands in it; `nil` when it is not there, or not what this program would have written: for what the next
  /// writing mends.
  ///
  /// - Throws: ``FileError`` when it cannot be read.
  package func readIfIntact() throws -> JSONObject? {
    do {
      return try read()
    } catch let error as JobError where error.status == .badStore {
      return nil
    }
  }

  private func bytes() throws -> [UInt8]? {
    do throws(FileError) {
      return try Files.read(path, atMost: maximumSize)
    } catch {
      if error.reason == .noSuchFileOrDirectory { return nil }
      throw error.isNoSuchPlainFile ? damaged("it is not a plain file of at most \(maximumSize) bytes") : error
    }
  }

  /// Puts something else in its place, and makes the folder of a private one if need be. A reader sees the old or the
  /// new, whole.
  ///
  /// - Throws: ``FileError``; an error with ``ExitStatus/badStore`` for more than a reader would take.
  package func write(_ members: JSONObject) throws {
    var object = members
    object["kind"] = .string(kind)
    object["format"] = .integer(Self.format)
    let bytes = JSONValue.object(object).serialized + [UInt8(ascii: "\n")]
    guard bytes.count <= maximumSize else {
      throw JobError(
        .badStore,
        "\(path): \(what ?? "what is to be remembered") would have more than \(maximumSize) bytes, which no reader takes",
        remedy: remedy
      )
    }
    if isPrivate { try Files.makeFolder(path.removingLastComponent(), permissions: 0o700) }
    try Files.replace(path, with: bytes, permissions: isPrivate ? 0o600 : 0o644)
  }

  /// Removes it, if it is there.
  package func remove() throws(FileError) { if try exists() { try Files.remove(path) } }

  /// That something in it is not what the program would have written.
  package var damaged: JobError { damaged(nil) }

  private func damaged(_ reason: String?) -> JobError {
    let subject = what.map { "\(path): \($0) is damaged" } ?? "\(path) is damaged"
    return JobError(.badStore, reason.map { "\(subject) (\($0))" } ?? subject, remedy: remedy)
  }

  private func tooNew(_ format: Int64) -> JobError {
    JobError(
      .badStore,
      "\(path) is of format \(format), and this kscmirror knows \(Self.format)",
      remedy: "Use the newer kscmirror that has written it."
    )
  }
}

extension JSONObject {
  /// A list of what each element stands for; `nil` when there is no list, or an element is not what it may be.
  package func list<Element>(_ name: String, _ decode: (JSONValue) throws -> Element?) rethrows -> [Element]? {
    guard let values = self[name]?.array else { return nil }
    var elements: [Element] = []
    elements.reserveCapacity(values.count)
    for value in values {
      guard let element = try decode(value) else { return nil }
      elements.append(element)
    }
    return elements
  }
}
