import MirrorTypes
import NIOHTTP1

/// The conditions of a request, and what comes of them, in the order of RFC 9110, section 13.2.2.
struct Conditions {
  /// What a file is compared by.
  struct Validators {
    /// What stands between the quotes of its strong entity tag.
    let tag: String
    /// When its content changed.
    let changed: UTCTime
  }

  /// What comes of the conditions.
  enum Outcome: Equatable {
    /// Answer as if there were none.
    case proceed
    /// 304.
    case notModified
    /// 412.
    case failed
  }

  private let headers: HTTPHeaders
  private let now: UTCTime

  /// The conditions in a request's fields.
  ///
  /// - Parameter now: the present.
  init(_ headers: HTTPHeaders, now: UTCTime) {
    self.headers = headers
    self.now = now
  }

  /// Evaluates the conditions of a GET or HEAD.
  func evaluate(_ validators: Validators) -> Outcome {
    // Step 1, and step 2 without it.
    if let field = field("if-match") {
      guard EntityTags(field).hasStrongly(validators.tag) else { return .failed }
    } else if let date = date("if-unmodified-since"), validators.changed > date {
      return .failed
    }
    // Step 3, and step 4 without it.
    if let field = field("if-none-match") {
      if EntityTags(field).hasWeakly(validators.tag) { return .notModified }
    } else if let date = date("if-modified-since"), validators.changed <= date {
      return .notModified
    }
    return .proceed
  }

  /// Whether `If-Range` lets a range be answered (step 5): there is none, or it names exactly this content.
  func admitsRange(_ validators: Validators) -> Bool {
    guard let field = field("if-range") else { return true }
    let text = field[...].trimmingBlanks
    if text.hasPrefix("\"") || text.hasPrefix("W/") {
      let tags = EntityTags(field)
      return tags.tags.count == 1 && tags.hasStrongly(validators.tag)
    }
    return HTTPDate.time(String(text), now: now) == validators.changed
  }

  /// The tags of `If-None-Match`, if there is one.
  var noneMatch: EntityTags? { field("if-none-match").map { EntityTags($0) } }

  private func field(_ name: String) -> String? {
    let values = headers[name]
    return values.isEmpty ? nil : values.count == 1 ? values[0] : values.joined(separator: ",")
  }

  /// A field with a date; one that is none is ignored, as is one that comes twice.
  private func date(_ name: String) -> UTCTime? { field(name).flatMap { HTTPDate.time($0, now: now) } }
}
