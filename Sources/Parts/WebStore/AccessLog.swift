import FileSystem
import Glibc
import MirrorTypes
import NIOHTTP1
import Synchronization
import SystemPackage

/// The access log in the combined format of Apache and nginx, one line an answer.
///
/// Lines are gathered and written about once a second. A log that was renamed away, as logrotate does, is made anew.
final class AccessLog: Sendable {
  /// What a line tells.
  struct Entry {
    let address: String
    let request: HTTPRequestHead
    let status: Int
    let bytes: Int64
    /// When it was answered.
    let time: UTCTime
  }

  private struct State: ~Copyable {
    var lines: [UInt8] = []
    var file: OutputFile?
    var inode: UInt64?
    /// Lines for which there was no room.
    var lost = 0

    mutating func open(_ path: FilePath) throws(FileError) {
      file = nil
      file = try OutputFile(path, permissions: 0o640, append: true)
      inode = try Files.status(path)?.inode
    }
  }

  /// The most bytes that wait: beyond that, lines are lost rather than memory.
  private static let maximumWaiting = 4 << 20

  private let path: FilePath?
  private let state = Mutex(State())

  /// - Parameter path: the file; `nil`: standard output.
  /// - Throws: ``FileError`` if it cannot be made.
  init(_ path: FilePath?) throws(FileError) {
    self.path = path
    guard let path else { return }
    try state.withLock { (state) throws(FileError) in try state.open(path) }
  }

  /// Adds a line.
  func add(_ entry: Entry) {
    let line = Self.line(entry)
    state.withLock { state in
      if state.lines.count + line.utf8.count > Self.maximumWaiting {
        state.lost += 1
      } else {
        state.lines += line.utf8
      }
    }
  }

  /// Writes what has been gathered. May wait for a disk.
  ///
  /// - Throws: ``FileError``; what could not be written waits.
  func flush() throws(FileError) {
    try state.withLock { (state) throws(FileError) in
      guard !state.lines.isEmpty else { return }
      guard let path else {
        Self.writeToStandardOutput(state.lines)
        state.lines.removeAll(keepingCapacity: true)
        return
      }
      let isGone = state.file == nil ? true : try Files.status(path)?.inode != state.inode
      if isGone {
        try state.open(path)
      }
      try state.file?.write(state.lines)
      state.lines.removeAll(keepingCapacity: true)
    }
  }

  private static func writeToStandardOutput(_ lines: [UInt8]) {
    lines.withUnsafeBytes { bytes in
      var rest = bytes
      while let start = rest.baseAddress, !rest.isEmpty {
        let count = Glibc.write(STDOUT_FILENO, start, rest.count)
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { return }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }
  }

  /// The line of an answer. What a client has sent can end neither a line nor a field.
  static func line(_ entry: Entry) -> String {
    let request = entry.request
    let version = "HTTP/\(request.version.major).\(request.version.minor)"
    return "\(entry.address) - - [\(HTTPDate.logText(entry.time))] "
      + "\"\(escaped(request.method.rawValue)) \(escaped(request.uri)) \(version)\" \(entry.status) \(entry.bytes) "
      + "\"\(escaped(request.headers.first(name: "referer") ?? "-"))\" "
      + "\"\(escaped(request.headers.first(name: "user-agent") ?? "-"))\"\n"
  }

  /// What is not printable ASCII, a quote or a backslash, as `\xHH`; at most 1,024 bytes of it.
  private static func escaped(_ text: String) -> String {
    let bytes = text.utf8.prefix(1024)
    guard bytes.contains(where: { !isPlain($0) }) else { return String(Substring(bytes)) }
    return bytes.reduce(into: "") { result, byte in
      if isPlain(byte) {
        result.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        result += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }
}
