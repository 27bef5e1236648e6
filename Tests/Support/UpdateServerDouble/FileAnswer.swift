import Glibc
import LoopbackTLS
import SystemPackage

/// Answers one request with a file: conditions and ranges as RFC 9110 has them, and misbehaviour as asked for.
struct FileAnswer {
  let request: UpdateServer.Request
  let root: FilePath
  let misbehaviour: UpdateServer.Answer

  /// Sends it; `false` when the connection is to be closed.
  func send(on connection: TLSConnection) -> Bool {
    let parts = request.path.split(separator: "/", omittingEmptySubsequences: false)
    guard !parts.contains(where: { $0.hasPrefix(".") || $0.isEmpty }) else { return absent(connection) }
    let descriptor = open(root.pushing(FilePath(request.path)).string, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return absent(connection) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return absent(connection) }
    let size = Int(status.st_size)
    let tag = "\"\(String(status.st_mtim.tv_sec, radix: 16))-\(String(status.st_mtim.tv_nsec, radix: 16))-\(size)\""
    let validators =
      switch misbehaviour {
      case .from(_, hasValidators: false): [String]()
      case .headed(let headers): headers
      case .dated: ["Last-Modified: Thu, 01 Jan 2015 00:00:00 GMT"]
      default: ["ETag: \(tag)", "Last-Modified: \(Self.date(status.st_mtim.tv_sec))"]
      }
    var isUnchanged = request.headers["if-none-match"] == tag
    if case .dated = misbehaviour { isUnchanged = request.headers["if-modified-since"] != nil }
    if isUnchanged {
      return connection.write(UpdateServer.head(304, validators))
    }
    let start = rangeStart(tag: tag, size: size)
    var headers = validators + ["Content-Length: \(size - start + told)"]
    if start > 0 { headers.append("Content-Range: bytes \(start)-\(size - 1)/\(size)") }
    guard connection.write(UpdateServer.head(start > 0 ? 206 : 200, headers)) else { return false }
    lseek(descriptor, off_t(start), SEEK_SET)
    return sendBody(descriptor, size - start, connection)
  }

  private func absent(_ connection: TLSConnection) -> Bool {
    connection.write(UpdateServer.head(404, ["Content-Length: 0"]))
  }

  /// By how much the told length is off.
  private var told: Int {
    if case .wrongLength(let difference) = misbehaviour { return -difference }
    return 0
  }

  private func rangeStart(tag: String, size: Int) -> Int {
    guard let range = request.headers["range"], range.hasPrefix("bytes="), range.hasSuffix("-"),
      request.headers["if-range"].map({ $0 == tag }) ?? true,
      let start = Int(range.dropFirst(6).dropLast()), start > 0, start < size
    else { return 0 }
    return start
  }

  private func sendBody(_ descriptor: Int32, _ count: Int, _ connection: TLSConnection) -> Bool {
    var limit = count
    if case .cut(let bytes) = misbehaviour { limit = min(count, bytes) }
    if case .held(let bytes, _) = misbehaviour { limit = min(count, bytes) }
    var buffer = [UInt8](repeating: 0, count: 1 << 17)
    while limit > 0 {
      let got = read(descriptor, &buffer, min(buffer.count, limit))
      guard got > 0, connection.write(Array(buffer[..<got])) else { return false }
      limit -= got
    }
    switch misbehaviour {
    case .cut:
      connection.cut()
      return false
    case .held(_, let seconds):
      connection.stall(seconds: seconds)
      return false
    case .wrongLength: return false
    default: return true
    }
  }

  /// A date as HTTP writes it.
  private static func date(_ seconds: Int) -> String {
    var time = time_t(seconds)
    var parts = tm()
    gmtime_r(&time, &parts)
    return String(unsafeUninitializedCapacity: 40) { buffer in
      buffer.withMemoryRebound(to: CChar.self) {
        strftime($0.baseAddress, $0.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
      }
    }
  }
}
