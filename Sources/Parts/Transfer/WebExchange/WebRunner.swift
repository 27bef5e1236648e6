import CLibcurl

/// Works off the orders of a ``WebExchange``, one at a time. It belongs to the exchange's thread.
struct WebRunner {
  private let setup: WebSetup
  private let multi: UnsafeMutableRawPointer
  private var handle: EasyHandle?
  private var waiting: [WebCall.Order] = []
  private var current: WebCall?

  init(_ setup: WebSetup, _ multi: UnsafeMutableRawPointer) {
    self.setup = setup
    self.multi = multi
  }

  mutating func take(_ orders: [WebCall.Order]) { waiting += orders }

  /// Ends what was cancelled.
  mutating func cancel(_ cancelled: Set<UInt64>) {
    guard !cancelled.isEmpty else { return }
    if let call = current, cancelled.contains(call.order.id) { finish { $0.end(.cancelled) } }
    for order in waiting where cancelled.contains(order.id) {
      refuse(order, TransferError(.cancelled, server: setup.origin))
    }
    waiting.removeAll { cancelled.contains($0.id) }
  }

  /// Goes on with what there is to do, until something happens or the bell rings.
  mutating func work() {
    while current == nil, !waiting.isEmpty { begin(waiting.removeFirst()) }
    if current != nil {
      var running: Int32 = 0
      let status = curl_multi_perform(multi, &running)
      if status != CURLM_OK {
        finish { $0.end(.system("libcurl failed: \(String(cString: curl_multi_strerror(status)))")) }
      }
      collect()
    }
    // The next order is not kept waiting.
    if current != nil || waiting.isEmpty { curl_multi_poll(multi, nil, 0, 60_000, nil) }
  }

  /// Ends all there is.
  mutating func stop() {
    finish { $0.end(.cancelled) }
    for order in waiting { refuse(order, TransferError(.cancelled, server: setup.origin)) }
    waiting = []
  }

  /// Closes the connection and frees libcurl's memory.
  mutating func free() {
    handle = nil
    curl_multi_cleanup(multi)
  }

  private mutating func begin(_ order: WebCall.Order) {
    do throws(TransferError) {
      let handle = try usableHandle()
      let call = WebCall(order, handle, setup.options, origin: setup.origin)
      try call.prepare()
      let status = curl_multi_add_handle(multi, handle.pointer)
      guard status == CURLM_OK else { throw TransferError(.system(String(cString: curl_multi_strerror(status)))) }
      current = call
    } catch {
      refuse(order, error)
    }
  }

  private mutating func usableHandle() throws(TransferError) -> EasyHandle {
    if let handle { return handle }
    let made = try setup.makeHandle()
    handle = made
    return made
  }

  /// Takes up what libcurl has finished.
  private mutating func collect() {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      let (what, code) = (message.pointee.msg, message.pointee.data.result)
      if what == CURLMSG_DONE { finish { $0.end(code) } }
    }
  }

  private mutating func finish(_ end: (WebCall) -> Void) {
    guard let call = current, let handle else { return }
    curl_multi_remove_handle(multi, handle.pointer)
    end(call)
    current = nil
  }

  private func refuse(_ order: WebCall.Order, _ error: TransferError) {
    order.continuation.resume(returning: .failure(error))
  }
}
