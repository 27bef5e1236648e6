import CLibcurl
import Curl

/// Works off the requests of a ``WebExchange``, one at a time, over one connection that is kept.
final class WebWork: CurlWork {
  enum Letter: Sendable {
    case send(WebCall.Order)
    /// It may come before the order that it is meant for.
    case cancel(UInt64)
    /// The order is answered: whether it was cancelled matters no more.
    case forget(UInt64)
  }

  private let setup: WebSetup
  private let multi: CurlMulti
  private var handle: EasyHandle?
  private var waiting: [WebCall.Order] = []
  private var current: WebCall?
  private var cancelled: Set<UInt64> = []

  init(_ setup: WebSetup, _ multi: CurlMulti) {
    self.setup = setup
    self.multi = multi
    multi.set(CURLMOPT_MAXCONNECTS, 1)
  }

  // MARK: - What the loop calls

  func take(_ letter: Letter) {
    switch letter {
    case .send(let order) where cancelled.contains(order.id): refuse(order, cancellation)
    case .send(let order):
      waiting.append(order)
      beginNext()
    case .cancel(let id): cancel(id)
    case .forget(let id): cancelled.remove(id)
    }
  }

  func ended(_ handle: UnsafeMutableRawPointer, _ code: CURLcode) { finish { $0.end(code) } }

  func broke(_ why: String) { finish { $0.end(.system(why)) } }

  func stop() {
    let left = waiting
    waiting = []
    finish { $0.end(.cancelled) }
    for order in left { refuse(order, cancellation) }
    handle = nil
  }

  // MARK: - Requests

  private func cancel(_ id: UInt64) {
    cancelled.insert(id)
    if current?.order.id == id { finish { $0.end(.cancelled) } }
    guard let place = waiting.firstIndex(where: { $0.id == id }) else { return }
    refuse(waiting.remove(at: place), cancellation)
  }

  private func beginNext() {
    while current == nil, !waiting.isEmpty {
      let order = waiting.removeFirst()
      do throws(TransferError) {
        current = try begin(order)
      } catch {
        refuse(order, error)
      }
    }
  }

  private func begin(_ order: WebCall.Order) throws(TransferError) -> WebCall {
    let handle = try usableHandle()
    let call = WebCall(order, handle, setup.options, origin: setup.origin)
    try call.prepare()
    try multi.add(handle)
    return call
  }

  private func usableHandle() throws(TransferError) -> EasyHandle {
    if let handle { return handle }
    let made = try setup.makeHandle()
    try multi.adopt(made)
    handle = made
    return made
  }

  /// Ends the request that is under way, and begins the next one.
  private func finish(_ end: (WebCall) -> Void) {
    endCurrent(end)
    beginNext()
  }

  /// The call has to be gone before the next one sets up the handle: it takes its body out of it.
  private func endCurrent(_ end: (WebCall) -> Void) {
    guard let call = current, let handle else { return }
    multi.remove(handle)
    end(call)
    current = nil
  }

  private var cancellation: TransferError { TransferError(.cancelled, server: setup.origin) }

  private func refuse(_ order: WebCall.Order, _ error: TransferError) {
    order.continuation.resume(returning: .failure(error))
  }
}
