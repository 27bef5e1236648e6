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
    /// It answered with this status; 407 asks for a user name and password.
    case refused(status: Int)
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

  package init(_ reason: Reason, url: String = "", server: String = "") {
    self.reason = reason
    self.url = url
    self.server = server
  }

  /// What is to be done about it.
  package var kind: Kind {
    switch reason {
    case .notFound, .withheld, .notInFolder: .notFound
    case .httpStatus, .asksToWait: .refused
    case .refusedPlainHTTP, .refusedRedirect, .leavesFolder, .noPlainFile: .forbidden
    case .tlsNotTrusted, .tlsFailed: .trust
    case .cannotResolve, .cannotConnect, .proxy, .folderUnusable: .unreachable
    case .timedOut: .timedOut
    case .cutShort, .tooLarge, .wrongLength, .malformedAnswer, .changedWhileRead: .damaged
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

extension TransferError: CustomStringConvertible {
  /// What failed, why, and what to do next.
  package var description: String {
    let subject = url.isEmpty ? "" : "\(url): "
    let advice = advice
    return subject + problem + (advice.isEmpty ? "" : "; " + advice)
  }

  private var problem: String {
    switch reason {
    case .notFound(let status): "the server does not have this file (HTTP status \(status))"
    case .withheld(let status): "the server gives other files, but not this one (HTTP status \(status))"
    case .notInFolder: "there is no such file in the folder"
    case .leavesFolder: "a link leads out of the folder, which is not followed"
    case .noPlainFile: "it is not a plain file"
    case .changedWhileRead: "the file changed each time while it was read"
    case .folderUnusable(let text): "the folder or file \(text)"
    case .httpStatus(let status): "the server answered with HTTP status \(status)"
    case .asksToWait(let status, let asked):
      "the server answered with HTTP status \(status) and asks to come back in \(asked.inWords)"
    case .refusedPlainHTTP: "not fetched without TLS"
    case .refusedRedirect(let target): "the server sends us on to \(target), where we do not go"
    case .tlsNotTrusted(let text): "the server is not trusted: \(text)"
    case .tlsFailed(let text): "no TLS connection: \(text)"
    case .certificateUnusable(let text): text
    case .cannotResolve: "the server's name is not known"
    case .cannotConnect(let text): "the server cannot be reached: \(text)"
    case .timedOut(.connecting): "no connection within the time allowed"
    case .timedOut(.stalled): "the transfer stalled"
    case .timedOut(.total): "the transfer took longer than allowed"
    case .cutShort(let expected?, let received):
      "the connection ended after \(received) of \(Words.exactBytes(expected))"
    case .cutShort(nil, let received): "the connection ended after \(Words.exactBytes(received)), before the answer did"
    case .tooLarge(let limit): "longer than the \(limit) bytes that are allowed"
    case .wrongLength(let expected, let received): "\(Words.exactBytes(received)) long, but it should have \(expected)"
    case .malformedAnswer(let text): "the answer breaks the rules of HTTP: \(text)"
    case .sink(let error): "the bytes could not be kept: \(error)"
    case .proxy(.cannotResolve): "the proxy's name is not known"
    case .proxy(.cannotConnect(let text)): "the proxy cannot be reached: \(text)"
    case .proxy(.refused(let status)): "the proxy answered with HTTP status \(status)"
    case .noServerLeft(let failures): "no server is left: " + failures.map(\.shortDescription).joined(separator: " | ")
    case .invalidURL(let text): "not an address that can be fetched: \(text)"
    case .invalidOption(let text): text
    case .system(let text): text
    case .cancelled: "stopped"
    }
  }

  private var shortDescription: String { (server.isEmpty ? "" : server + ": ") + problem }

  private var advice: String {
    switch reason {
    case .refusedPlainHTTP: "use https://, or allow plain HTTP for this source"
    case .tlsNotTrusted: "if the server is yours, name its certificate authority; if not, stop"
    case .cannotResolve: "check the name and the DNS servers of this machine"
    case .cannotConnect, .timedOut(.connecting): "check the network, the firewall and the proxy setting"
    case .timedOut(.stalled), .cutShort: "try again: the part that was received is kept where the server allows it"
    case .timedOut(.total): "allow more time, or try again"
    case .tooLarge: "this is not the file that was meant, or its limit is too low"
    case .wrongLength: "the server may be between two states: try again later, or take another server"
    case .httpStatus(401), .httpStatus(403): "ask the server's administrator for access"
    case .leavesFolder: "copy the file itself into the folder"
    case .changedWhileRead: "run again when nothing else writes to the folder"
    case .folderUnusable: "if it is a share or a disk, mount it; check the path in the configuration"
    case .asksToWait: "this run has waited for it as long as it may: run again after that time"
    case .httpStatus(429), .httpStatus(503): "the server is busy: try again later"
    case .httpStatus(let status) where status >= 500: "the fault is the server's: try again later"
    case .proxy(.refused(status: 407)): "set the proxy's user name and password"
    case .proxy: "check the proxy setting"
    default: ""
    }
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
