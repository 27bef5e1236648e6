import FoundationEssentials
import Languages
import MirrorTypes
import NIOCore
import NIOHTTP1
import Synchronization

/// The pages that the server makes itself: the status page, the same as JSON, and the figures for Prometheus.
struct Pages: Sendable {
  /// One of them.
  enum Page: Sendable {
    case status
    case json
    case metrics

    /// The page at a path; `nil` where there is none.
    init?(_ path: String) {
      switch path {
      case "": self = .status
      case "api/v1/status": self = .json
      case "metrics": self = .metrics
      default: return nil
      }
    }
  }

  /// How long what was looked up is reported again, in seconds: however often somebody asks, the catalogue is read so often.
  static let freshness: Int64 = 2

  /// They describe this moment, and have nothing by which a cache could ask whether they have changed.
  private static let caching = "no-store"

  private let content: any WebContent
  private let metrics: Metrics
  private let kept = Kept()

  private final class Kept: Sendable {
    let status = Mutex<WebStatus?>(nil)
  }

  init(content: any WebContent, metrics: Metrics) {
    self.content = content
    self.metrics = metrics
  }

  /// Makes a page. May wait for a disk.
  ///
  /// - Parameter languages: what `Accept-Language` says of the wishes of whoever asks.
  func answer(_ page: Page, isHead: Bool, languages: [String], now: UTCTime) -> Answer {
    let status: WebStatus
    do { status = try self.status(now: now) } catch { return WebAnswers.failed(isHead: isHead) }
    switch page {
    case .status:
      let language = Language.wished(languages, otherwise: status.language)
      return .made(
        .ok,
        "text/html; charset=utf-8",
        ByteBuffer(string: StatusPage(status, now: now, in: language).html),
        [
          ("Cache-Control", Self.caching), ("Content-Security-Policy", StatusPage.policy),
          ("Referrer-Policy", "no-referrer"), ("Content-Language", language.code), ("Vary", "Accept-Language"),
        ],
        isHead: isHead
      )
    case .json:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      guard let json = try? encoder.encode(status) else { return WebAnswers.failed(isHead: isHead) }
      return .made(
        .ok,
        "application/json",
        ByteBuffer(bytes: json),
        [("Cache-Control", Self.caching)],
        isHead: isHead
      )
    case .metrics:
      return .made(
        .ok,
        "text/plain; version=0.0.4; charset=utf-8",
        ByteBuffer(string: metrics.text(status)),
        [("Cache-Control", Self.caching)],
        isHead: isHead
      )
    }
  }

  private func status(now: UTCTime) throws -> WebStatus {
    try kept.status.withLock { kept in
      if let kept, (0...Self.freshness).contains(now.seconds(since: kept.asOf)) { return kept }
      let status = try content.status()
      kept = status
      return status
    }
  }
}
