import MirrorTypes
import NIOCore
import NIOHTTP1

/// Answers requests: what is asked for, whether it may be, and where it is. It neither opens files nor sends anything.
struct WebAnswers: Sendable {
  let content: any WebContent
  let metrics: Metrics
  private let pages: Pages

  init(content: any WebContent, metrics: Metrics) {
    self.content = content
    self.metrics = metrics
    pages = Pages(content: content, metrics: metrics)
  }

  /// What may be done with anything here.
  static let allowed = "GET, HEAD"

  /// The answer to a request.
  ///
  /// - Parameters:
  ///   - request: its first line and fields.
  ///   - now: the present.
  func answer(_ request: HTTPRequestHead, now: UTCTime) -> Answering {
    let isHead = request.method == .HEAD
    guard request.method == .GET || isHead else {
      return .now(
        .text(.methodNotAllowed, "only GET and HEAD are answered here", [("Allow", Self.allowed)], isHead: false)
      )
    }
    if let problem = Self.hostProblem(request) { return .now(.text(.badRequest, problem, isHead: isHead)) }
    let path: String
    do throws(RequestPath.Refusal) {
      path = try RequestPath(target: request.uri).string
    } catch {
      return .now(.text(.badRequest, error.reason, isHead: isHead))
    }
    if let page = Pages.Page(path) {
      let pages = pages
      let languages = request.headers["accept-language"]
      return .onDisk { pages.answer(page, isHead: isHead, languages: languages, now: now) }
    }
    switch content.find(path) {
    case .file(let file): return .now(FileAnswer(file: file, request: request, now: now).answer())
    case .nothing: return .now(Self.notFound(isHead: isHead))
    case .onDisk(let look):
      return .onDisk {
        do {
          guard let file = try look() else { return Self.notFound(isHead: isHead) }
          return FileAnswer(file: file, request: request, now: now).answer()
        } catch {
          return Self.failed(isHead: isHead)
        }
      }
    }
  }

  /// The answer where there is no file.
  static func notFound(isHead: Bool) -> Answer {
    .text(.notFound, "there is no such file in this release", [("Cache-Control", "no-cache")], isHead: isHead)
  }

  /// The answer where a file cannot be read. Why is a matter of the log, not of a stranger's.
  static func failed(isHead: Bool) -> Answer {
    .text(.internalServerError, "the file cannot be read", [("Cache-Control", "no-store")], isHead: isHead)
  }

  /// RFC 9112, section 3.2: a request of HTTP/1.1 names its host, once.
  private static func hostProblem(_ request: HTTPRequestHead) -> String? {
    guard (request.version.major, request.version.minor) >= (1, 1) else { return nil }
    switch request.headers["host"].count {
    case 1: return nil
    case 0: return "the request names no host"
    default: return "the request names several hosts"
    }
  }
}
