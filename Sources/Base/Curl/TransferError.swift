import Failures
import MirrorTypes

/// A transfer, or a client, that failed: what, where and why.
package struct TransferError: Error, Sendable {
  /// What limit of time ran out.
  package enum TimeLimit: Hashable, Sendable {
    /// ``TransferOptions/connectTimeout``.
    case connecting
    /// ``TransferOptions/stallTimeout``.
    case stalled
    /// ``TransferOptions/totalTimeout``.
    case total
  }

  /// What a proxy did not do.
  package enum ProxyProblem: Hashable, Sendable {
    /// Its name is not known.
    case cannotResolve
    /// It cannot be reached, or broke off.
    case cannotConnect(String)
    /// It answered with this status.
    case refused(status: Int)
    /// It asks for a user name and password (407), and does not take what it got.
    case notSignedIn(ProxySignIn)
  }

  /// Why the dates of a certificate do not fit the clock of this machine.
  package enum CertificateDates: Hashable, Sendable {
    /// The clock is before the first day of the certificate.
    case notYetValid
    /// The clock is after its last day.
    case expired
  }

  /// Why it failed.
  package enum Reason: Sendable {
    /// The server does not have the file: 404 or 410, from two servers if the pool has two.
    case notFound(status: Int)
    /// A server that gives other files refuses this one: 401, 403 or 451.
    case withheld(status: Int)
    /// The folder does not have the file.
    case notInFolder
    /// A link leads out of the folder.
    case leavesFolder
    /// There is something else than a plain file.
    case noPlainFile
    /// The file changed again and again while it was read.
    case changedWhileRead
    /// The folder, or a file in it, cannot be read.
    case folderUnusable(String)
    /// The server answered with another status than one that brings the file.
    case httpStatus(Int)
    /// The server answered with this status and asks to be left in peace (`Retry-After`) for longer than is waited.
    case asksToWait(Int, Duration)
    /// The address begins with `http://`, which has to be allowed.
    case refusedPlainHTTP
    /// The server sends the client on to where it does not go: without TLS, once too often, or with a client
    /// certificate to another host.
    case refusedRedirect(to: String)
    /// The server's certificate or key is not trusted.
    case tlsNotTrusted(String)
    /// The dates of the server's certificate do not fit the clock, which stood at this time (seconds since 1970).
    case certificateDates(CertificateDates, clock: Int64)
    /// TLS could not be agreed upon.
    case tlsFailed(String)
    /// A certificate or key of the configuration cannot be used.
    case certificateUnusable(String)
    /// The server's name is not known.
    case cannotResolve
    /// The server cannot be reached.
    case cannotConnect(String)
    /// It took too long.
    case timedOut(TimeLimit)
    /// The connection ended before the body did. `expected` is the length that the server told.
    case cutShort(expected: Int64?, received: Int64)
    /// The body is longer than the request allows.
    case tooLarge(limit: Int64)
    /// The body has another length than is known from elsewhere.
    case wrongLength(expected: Int64, received: Int64)
    /// The answer breaks the rules of HTTP.
    case malformedAnswer(String)
    /// A web page came, and not the file: something on the way answers in the server's place. With its title, if it has one.
    case page(title: String?)
    /// The body was packed (`Content-Encoding`), though that was not asked for: its bytes are not the file's.
    case packed(String)
    /// The sink took no more.
    case sink(any Error)
    /// The proxy stands in the way.
    case proxy(ProxyProblem)
    /// Every server failed, each in its own way.
    case noServerLeft([TransferError])
    /// The address or path of the request is none.
    case invalidURL(String)
    /// A setting of the client makes no sense.
    case invalidOption(String)
    /// The system did not give what the client needs: memory, threads, descriptors.
    case system(String)
    /// The task was cancelled, or the client shut down.
    case cancelled
  }

  /// Failures by what is to be done about them, as exit statuses need it.
  package enum Kind: Hashable, Sendable, CaseIterable {
    /// The file is not there.
    case notFound
    /// A server says no.
    case refused
    /// Our own rules forbid it: plain HTTP, a redirection.
    case forbidden
    /// TLS: not trusted, or not agreed upon.
    case trust
    /// No server, or no proxy, can be reached.
    case unreachable
    /// Too slow.
    case timedOut
    /// What came is not the whole file, or not this file.
    case damaged
    /// The sink took no more; its own error says why.
    case sink
    /// The configuration or a request is wrong.
    case configuration
    /// The system has run out of something.
    case system
    /// Stopped from outside.
    case cancelled
  }

  /// Why it failed.
  package let reason: Reason
  /// The address that was asked, without credentials; empty where there was none.
  package let url: String
  /// The base address of the server, without credentials; empty where there was none.
  package let server: String
  /// Whether it was asked without any proxy.
  package let isDirect: Bool

  package init(_ reason: Reason, url: String = "", server: String = "", isDirect: Bool = false) {
    self.reason = reason
    self.url = url
    self.server = server
    self.isDirect = isDirect
  }

  /// What is to be done about it.
  package var kind: Kind {
    switch reason {
    case .notFound, .withheld, .notInFolder: .notFound
    case .httpStatus, .asksToWait: .refused
    case .refusedPlainHTTP, .refusedRedirect, .leavesFolder, .noPlainFile: .forbidden
    case .tlsNotTrusted, .certificateDates, .tlsFailed: .trust
    case .cannotResolve, .cannotConnect, .timedOut(.connecting), .proxy, .folderUnusable: .unreachable
    case .timedOut: .timedOut
    case .cutShort, .tooLarge, .wrongLength, .malformedAnswer, .page, .packed, .changedWhileRead: .damaged
    case .sink: .sink
    case .certificateUnusable, .invalidURL, .invalidOption: .configuration
    case .system: .system
    case .cancelled: .cancelled
    case .noServerLeft(let failures): Self.commonKind(failures)
    }
  }

  private static func commonKind(_ failures: [TransferError]) -> Kind {
    guard let first = failures.first?.kind, failures.allSatisfy({ $0.kind == first }) else { return .unreachable }
    return first
  }
}

extension TransferError.Reason {
  /// The status that a server answered with; 0 where it is not what failed.
  package var httpStatus: Int {
    switch self {
    case .httpStatus(let status), .asksToWait(let status, _): status
    default: 0
    }
  }
}

extension TransferError: Failure {
  package var status: ExitStatus {
    switch kind {
    case .notFound: .notOnServer
    case .refused: isServersFault ? .serverError : isDenied ? .permission : .badAnswer
    case .forbidden: .badAnswer
    case .trust: .notTrusted
    case .unreachable: .noServer
    case .timedOut: .cutShort
    case .damaged: isCut ? .cutShort : .wrongContent
    case .sink: if case .sink(let cause) = reason { failure(cause).status } else { .inputOutput }
    case .configuration: .configuration
    case .system: .software
    case .cancelled: .partial
    }
  }

  package var message: String { if case .sink(let cause) = reason { failure(cause).message } else { description } }

  package var remedy: String? { if case .sink(let cause) = reason { failure(cause).remedy } else { nil } }

  private var isServersFault: Bool {
    switch reason {
    case .httpStatus(let status): (500...599).contains(status) || status == 429
    case .asksToWait: true
    case .noServerLeft(let failures): failures.contains(where: \.isServersFault)
    default: false
    }
  }

  /// Whether servers refuse everything, or what all else hangs by.
  private var isDenied: Bool {
    switch reason {
    case .httpStatus(let status): [401, 403, 451].contains(status)
    case .noServerLeft(let failures): failures.allSatisfy(\.isDenied)
    default: false
    }
  }

  private var isCut: Bool {
    switch reason {
    case .cutShort, .malformedAnswer, .changedWhileRead: true
    case .noServerLeft(let failures): failures.contains(where: \.isCut)
    default: false
    }
  }
}
