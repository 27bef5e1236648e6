import Curl

/// What one attempt at a transfer came to.
struct AttemptReport: Sendable {
  enum Outcome: Sendable {
    case arrived(TransferResponse.Outcome)
    case failed(TransferError.Reason, retryAfter: Duration?)
    /// What the sink holds cannot be continued: ask once more, for all of it.
    case startOver(String)
  }

  var outcome: Outcome
  /// The address asked last, without credentials.
  var url: String
  /// How many bytes of the file the sink now holds.
  var position: Int64 = 0
  /// How many came in this attempt.
  var received: Int64 = 0
  /// What the server said about the bytes.
  var validators = Validators()
  /// How much speaks for it that HTTP/2 failed, and not the server.
  enum HTTP2Doubt: Sendable {
    case none, weak, strong
  }
  var mayBeOfHTTP2 = HTTP2Doubt.none
  var requests = 1
  var connections = 0
  var isMultiplexed = false
}

/// What a transfer remembers from one attempt to the next, and what follows from it.
struct RetryMemory {
  /// What follows from an attempt that failed.
  enum Verdict {
    case again
    case giveUp(TransferError)
  }

  private(set) var attempts = 0
  private var counted = 0
  private var startOvers = 0
  private var round = 0
  private var furthest: Int64 = 0
  private(set) var bytesReceived: Int64 = 0
  /// Servers that have given their last word on this file.
  private(set) var excluded: Set<ServerPool.Index> = []
  /// Servers that failed since the last pause.
  private(set) var tried: Set<ServerPool.Index> = []
  private var failures: [(server: ServerPool.Index, error: TransferError)] = []
  private var absent: TransferError?
  /// Whether the request's condition is sent no more, since a server took offence at it.
  private(set) var hasDroppedCondition = false
  /// What must still hold for what the sink has to be continued; `nil` to fetch all.
  private(set) var resumeValidators: Validators?
  /// The pause before the next attempt.
  private(set) var notBefore: Moment?
  var deadline: Moment?

  init(_ request: TransferRequest) { resumeValidators = request.resumeValidators }

  /// An attempt that takes more than this further does not count.
  static let progress: Int64 = 256 * 1024
  private static let mostStartOvers = 2

  mutating func began(now: Moment, limit: Duration?) {
    attempts += 1
    notBefore = nil
    if deadline == nil, let limit { deadline = now + limit }
  }

  mutating func noteBytes(of report: AttemptReport) { bytesReceived += report.received }

  /// Draws the conclusion from a failure.
  mutating func failed(
    _ error: TransferError,
    at server: ServerPool.Index,
    _ report: AttemptReport,
    pool: ServerPool,
    origin: ServerPool.Index?,
    isConditional: Bool,
    retries: TransferRetries,
    now: Moment
  ) -> Verdict {
    if report.received > 0 { resumeValidators = report.validators }
    if isConditional, !hasDroppedCondition, error.reason.mayComeOfCondition {
      hasDroppedCondition = true
      return .again
    }
    note(error, at: server)
    switch error.reason.consequence {
    case .final:
      return .giveUp(error)
    case .absent:
      if absent != nil { return .giveUp(error) }
      absent = error
      excluded.insert(server)
    case .elsewhere:
      excluded.insert(server)
    case .again:
      if report.position >= furthest + Self.progress {
        furthest = report.position
        round = 0
      } else {
        counted += 1
        if counted >= retries.attempts { return .giveUp(finalError) }
      }
      tried.insert(server)
    }
    let left = pool.candidates(for: origin).filter { !excluded.contains($0) }
    if left.isEmpty { return .giveUp(finalError) }
    let isFresh = { (index: Int) in
      !tried.contains(index) && (pool.servers[index].passedOverUntil.map { $0 <= now } ?? true)
    }
    if !left.contains(where: isFresh) {
      notBefore = now + retries.pause(round: round)
      round += 1
      tried = []
    }
    return .again
  }

  /// What the sink holds does not belong to what the server has.
  mutating func startOver(
    _ why: String,
    at server: ServerPool.Index,
    _ report: AttemptReport,
    named name: String
  ) -> Verdict {
    resumeValidators = nil
    hasDroppedCondition = true
    startOvers += 1
    guard startOvers > Self.mostStartOvers else { return .again }
    return .giveUp(TransferError(.malformedAnswer(why), url: report.url, server: name))
  }

  private mutating func note(_ error: TransferError, at server: ServerPool.Index) {
    failures.removeAll { $0.server == server }
    failures.append((server, error))
  }

  /// The error that tells it best when nothing is left to try: that the file is absent, if a server has said so.
  var finalError: TransferError {
    if let absent { return absent }
    if failures.count == 1 { return failures[0].error }
    return TransferError(.noServerLeft(failures.map(\.error)), url: failures.last?.error.url ?? "")
  }

  var hasFailed: Bool { !failures.isEmpty }
}

extension TransferError.Reason {
  /// Whether a server may have refused a request for the condition in it, so that it is worth asking without.
  var mayComeOfCondition: Bool {
    // 494: nginx's own, for a header that is too large.
    if case .httpStatus(let status) = self { [304, 400, 412, 417, 431, 494].contains(status) } else { false }
  }

  enum Consequence {
    /// No server could do better.
    case final
    /// The server does not have the file.
    case absent
    /// The server will not give the file; another one may.
    case elsewhere
    /// It may be better in a moment.
    case again
  }

  /// The reason as it is of a server that has given other files: one that refuses a single file has no quarrel with us.
  var ofServerThatGives: Self {
    switch self {
    case .httpStatus(let status) where [401, 403, 451].contains(status): .withheld(status: status)
    default: self
    }
  }

  var consequence: Consequence {
    switch self {
    case .notFound, .notInFolder, .withheld: .absent
    case .httpStatus(408), .httpStatus(425), .httpStatus(429): .again
    case .httpStatus(501), .httpStatus(505): .elsewhere
    case .httpStatus(let status): status >= 500 ? .again : .elsewhere
    case .refusedRedirect, .tlsNotTrusted, .certificateDates, .wrongLength, .malformedAnswer, .page, .packed,
      .asksToWait:
      .elsewhere
    case .tlsFailed, .cannotResolve, .cannotConnect, .cutShort: .again
    case .timedOut(let limit): limit == .total ? .final : .again
    case .proxy(.refused(let status)): status >= 500 ? .again : .final
    case .proxy(.notSignedIn): .final
    case .proxy: .again
    case .refusedPlainHTTP, .certificateUnusable, .tooLarge, .sink, .noServerLeft, .invalidURL, .invalidOption, .system,
      .cancelled, .leavesFolder, .noPlainFile, .changedWhileRead, .folderUnusable:
      .final
    }
  }

  /// Whether it is the server that failed, and not only this file; and whether it did not answer at all.
  var serverFailure: (counts: Bool, isUnreachable: Bool) {
    switch self {
    // The proxy's word is not the server's.
    case .proxy(.notSignedIn): (false, false)
    case .tlsNotTrusted, .certificateDates, .tlsFailed, .cannotResolve, .cannotConnect, .timedOut(.connecting), .proxy:
      (true, true)
    case .timedOut(.stalled), .cutShort: (true, false)
    case .httpStatus(429), .httpStatus(503), .asksToWait: (true, true)
    case .httpStatus(let status): (status >= 500, false)
    default: (false, false)
    }
  }
}
