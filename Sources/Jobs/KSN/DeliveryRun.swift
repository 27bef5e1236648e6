import AdministrationServer
import Curl
import Failures
import JobCore
import ServerJobs
import SystemPackage

/// Hands bodies of statistics to KSN, one after the other.
struct DeliveryRun: InContext {
  /// After how many bodies in a row that the server does not take it is asked no more.
  private static let patience = 3

  let context: JobContext
  /// The address of the Administration Server.
  let address: String

  /// The bodies that were handed over.
  private(set) var delivered: [DeliveryPlan.Item] = []
  /// The bodies that could not be.
  private(set) var failed: [(item: DeliveryPlan.Item, status: ExitStatus)] = []
  private var failuresInARow = 0

  init(_ context: JobContext, address: String) {
    self.context = context
    self.address = address
  }

  /// Hands bodies of one site over.
  ///
  /// - Throws: what keeps the next ones from being handed over too.
  mutating func deliver(
    _ items: [DeliveryPlan.Item],
    _ log: DeliveryLog,
    to server: AdministrationServer
  ) async throws {
    var log = log
    for item in items {
      let params: Params
      do {
        params = try self.params(of: item)
      } catch {
        fail(item, JobError(error))
        continue
      }
      let beginning = AuditNote.delivery("the delivery of statistics \(item.text), to KSN", of: item, by: address)
      do {
        try await audit.noting(beginning) { _ in
          try log.append(.intent, item.body)
          try await server.sendKSNStatistics(name: item.body.name, body: params)
          try log.append(.done, item.body)
          let text = "statistics \(item.text), were handed to KSN by \(address)"
          return ((), .delivery(text, of: item, by: address))
        }
      } catch let error as AdministrationServerError {
        try await fail(item, error, &log)
        continue
      }
      delivered.append(item)
      failuresInARow = 0
    }
  }

  private func params(of item: DeliveryPlan.Item) throws -> Params {
    let shelf = KSNShelf(folder, site: item.site)
    let bytes = try shelf.body(item.body.name, item.body.digest, number: item.number)
    return try Params(statistics: bytes, name: item.body.name)
  }

  private mutating func fail(_ item: DeliveryPlan.Item, _ error: JobError) {
    failed.append((item, error.status))
    reporter.error("not-delivered", "\(item.text) was not delivered: \(error)")
  }

  /// Notes that a call has failed.
  ///
  /// - Throws: the failure, if the next call would do no better.
  private mutating func fail(
    _ item: DeliveryPlan.Item,
    _ error: AdministrationServerError,
    _ log: inout DeliveryLog
  ) async throws {
    guard error.hasSurelyDoneNothing else {
      reporter.error(
        "delivery-unknown",
        "it is unknown whether KSN has \(item.text); --retry-unknown sends it again"
      )
      throw error
    }
    try log.append(.refused, item.body)
    failuresInARow += 1
    guard error.isAboutTheBody, failuresInARow < Self.patience else { throw error }
    fail(item, JobError(error, at: address))
  }
}

extension AdministrationServerError {
  /// Whether the server has surely not done what it was asked for.
  var hasSurelyDoneNothing: Bool {
    switch self {
    case .signInRefused, .secondFactorNeeded, .codeRefused, .sessionLost, .busy, .refused, .invalidArgument: true
    case .httpStatus(_, let status, _): (400..<500).contains(status)
    case .unreachable(_, let cause as TransferError):
      switch cause.reason {
      case .cannotResolve, .cannotConnect, .timedOut(.connecting), .tlsNotTrusted, .tlsFailed, .proxy,
        .refusedPlainHTTP,
        .certificateUnusable, .invalidURL, .invalidOption:
        true
      default: false
      }
    default: false
    }
  }

  /// Whether another body may well be taken.
  fileprivate var isAboutTheBody: Bool {
    guard case .refused(_, let fault, _) = self else { return false }
    return [.badFormat, .notFound, .other].contains(fault.kind)
  }
}
