import ContentStore
import Curl
import JobCore
import MirrorTypes
import SyncRules
import Transfer

/// Fetches single files of one source into the store.
struct Fetcher: Sendable {
  let store: ContentStore
  let client: any FileFetching
  /// The source's name.
  let source: String
  let clock: WallClock

  /// What came of asking for a file.
  enum Answer: Sendable {
    /// New bytes, now an object.
    case fetched(FinishedObject, TransferResponse)
    /// The server says that nothing changed since the validators.
    case unchanged(TransferResponse)
    /// The server does not have it, or refuses it with this HTTP status though it gives other files.
    case absent(refusal: Int? = nil)
  }

  /// What came of asking for a file that can be done without.
  enum SmallAnswer: Sendable {
    case answer(Answer)
    /// It has more bytes than it may have.
    case tooLarge
    /// A web page came in its place.
    case page
  }

  /// Asks for a file of the tree. A name that the server does not have is asked for once more in lower case
  /// (FORMAT.md, section 1: eight names of the 2015 tree differ in case between index and disk).
  ///
  /// - Parameters:
  ///   - path: the file's path in the tree.
  ///   - validators: what the server said of the object that we have; `nil` asks for the bytes in any case.
  ///   - maximumBytes: the most bytes that the file may have.
  ///   - isProven: whether a digest proves what comes, so that it may look like anything.
  /// - Throws: an error for everything but an absent file.
  func fetch(
    _ path: TreePath,
    validators: Validators?,
    maximumBytes: Int64,
    isProven: Bool = false
  ) async throws -> Answer {
    for path in path.withLowercasedName == path ? [path] : [path, path.withLowercasedName] {
      let answer = try await attempt(
        .path(path.string),
        validators: validators,
        maximumBytes: maximumBytes,
        isProven: isProven
      )
      guard case .absent = answer, path != path.withLowercasedName else { return answer }
    }
    return .absent()
  }

  /// Asks for a file of the tree as ``fetch(_:validators:maximumBytes:)`` does. That asking for one that was absent fails
  /// leaves it absent: it was done without before.
  func fetch(
    _ path: TreePath,
    validators: Validators?,
    maximumBytes: Int64,
    wasAbsent: Bool,
    isProven: Bool = false
  ) async throws -> Answer {
    do {
      return try await fetch(path, validators: validators, maximumBytes: maximumBytes, isProven: isProven)
    } catch {
      guard wasAbsent, JobError(error).isOfServers else { throw error }
      return .absent()
    }
  }

  /// Asks for a file of the tree that can be done without: see ``fetch(_:validators:maximumBytes:)``.
  ///
  func fetchIfSmall(
    _ path: TreePath,
    validators: Validators?,
    maximumBytes: Int64
  ) async throws -> SmallAnswer {
    for path in path.withLowercasedName == path ? [path] : [path, path.withLowercasedName] {
      do {
        let answer = try await attempt(.path(path.string), validators: validators, maximumBytes: maximumBytes)
        guard case .absent = answer else { return .answer(answer) }
      } catch let error as TransferError {
        if error.isPage { return .page }
        guard case .tooLarge = error.reason else { throw error }
        return .tooLarge
      }
    }
    return .answer(.absent())
  }

  /// Asks for a file anywhere.
  func ask(
    _ location: TransferRequest.Location,
    validators: Validators?,
    maximumBytes: Int64,
    expectedBytes: Int64? = nil,
    isProven: Bool = false
  ) async throws -> Answer {
    try await attempt(
      location,
      validators: validators,
      maximumBytes: maximumBytes,
      expectedBytes: expectedBytes,
      isProven: isProven
    )
  }

  private func attempt(
    _ location: TransferRequest.Location,
    validators: Validators?,
    maximumBytes: Int64,
    expectedBytes: Int64? = nil,
    isProven: Bool = false
  ) async throws -> Answer {
    // What a run that ended too early has got of a large file is gone on with, if the server shows by a strong tag that
    // the rest belongs to it.
    let writer = try store.writer(resuming: "\(source) \(location)")
    let resumed = writer.tag.flatMap { Validators(etag: $0).strongTag }
    do {
      if resumed == nil, writer.offset > 0 { try writer.restart() }
      let response = try await client.fetch(
        TransferRequest(
          location,
          into: ObjectSink(writer),
          maximumBytes: maximumBytes,
          expectedBytes: expectedBytes,
          validators: validators,
          resumeValidators: resumed,
          takesPages: isProven
        )
      )
      guard response.outcome == .complete else {
        writer.abandon()
        return .unchanged(response)
      }
      return .fetched(try writer.finish(), response)
    } catch let error as TransferError where error.kind == .notFound {
      writer.abandon()
      if case .withheld(let status) = error.reason { return .absent(refusal: status) }
      return .absent()
    } catch {
      // Of what is not the file that was meant nothing is worth keeping.
      let isDistrusted = (error as? TransferError).map { $0.isDistrust } ?? false
      writer.abandon(isDistrusted: isDistrusted)
      throw error
    }
  }
}

extension TransferError {
  /// Whether what came is not the file that was asked for, so that its beginning is of no use.
  fileprivate var isDistrust: Bool {
    switch reason {
    case .tooLarge, .wrongLength, .malformedAnswer, .page, .packed, .changedWhileRead: true
    case .noServerLeft(let failures): failures.contains { $0.isDistrust }
    default: false
    }
  }
}
