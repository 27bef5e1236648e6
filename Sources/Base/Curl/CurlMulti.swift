import CLibcurl
import Glibc

/// libcurl's handle for several transfers, with the sockets and the timer that it wants to be called for.
///
/// It is used on one thread alone, that of a ``CurlLoop``.
package final class CurlMulti {
  private let pointer: UnsafeMutableRawPointer
  private let bell: LoopBell
  private var sockets: SocketTable
  /// When libcurl wants to be called; `nil`: not before something happens on a socket.
  private var timer: Moment?
  /// What epoll told last, and which of it is still to be done.
  private var events = 0..<0
  private let eventBuffer: UnsafeMutableBufferPointer<epoll_event>

  /// The longest rest between two looks at the letter box: see ``CurlWork/restraint``.
  private static let longestRest: Duration = .milliseconds(250)

  init(_ bell: LoopBell) throws(TransferError) {
    sockets = try SocketTable()
    guard let pointer = curl_multi_init() else { throw TransferError(.system("out of memory")) }
    self.pointer = pointer
    self.bell = bell
    eventBuffer = .allocate(capacity: 64)
    multi_set_callbacks(pointer, Self.socketCallback, Self.timerCallback, Unmanaged.passUnretained(self).toOpaque())
    sockets.want(EPOLLIN.rawValue, of: bell.descriptor)
  }

  deinit {
    // Closing connections calls back, so that it has to be done before: see ``close()``.
    eventBuffer.deallocate()
  }

  /// Closes all connections and frees libcurl's memory. All handles are removed before, and nothing is called after.
  func close() { curl_multi_cleanup(pointer) }

  package func set(_ option: CURLMoption, _ value: Int) { multi_set_long(pointer, option, value) }

  /// Has a handle that was just made close its sockets through here.
  package func adopt(_ handle: EasyHandle) throws(TransferError) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    try handle.check(
      easy_set_close_callback(handle.pointer, Self.closeCallback, context),
      CURLOPT_CLOSESOCKETFUNCTION
    )
  }

  /// Begins a handle's transfer.
  package func add(_ handle: EasyHandle) throws(TransferError) {
    let status = curl_multi_add_handle(pointer, handle.pointer)
    guard status == CURLM_OK else { throw TransferError(.system(Self.text(of: status))) }
  }

  /// Ends a handle's transfer, if it has not ended.
  package func remove(_ handle: EasyHandle) { curl_multi_remove_handle(pointer, handle.pointer) }

  private static func text(of status: CURLMcode) -> String {
    "libcurl failed: \(String(cString: curl_multi_strerror(status)))"
  }

  // MARK: - Turns

  /// One turn: what is due, what has come, what has ended.
  func turn(for work: some CurlWork) {
    if let due = timer, due <= .now {
      timer = nil
      act(CURL_SOCKET_TIMEOUT, 0, work)
      collect(work)
    }
    // What a rest left over comes before anything new: each connection has its turn.
    if events.isEmpty { events = 0..<sockets.wait(into: eventBuffer, milliseconds: patience(work.due)) }
    let hasEvents = !events.isEmpty
    while let index = events.popFirst() {
      let event = eventBuffer[index]
      let socket = event.data.fd
      if socket == bell.descriptor {
        bell.silence()
      } else if sockets.isWanted(socket) {
        act(socket, Self.happened(event), work)
        if work.restraint != nil { break }
      }
    }
    if hasEvents { collect(work) }
  }

  /// Reads nothing for a while. Only the bell is heard.
  func rest(for time: Duration) {
    bell.wait(atMost: min(time, Self.longestRest))
    bell.silence()
  }

  private func act(_ socket: curl_socket_t, _ what: Int32, _ work: some CurlWork) {
    var left: Int32 = 0
    let status = curl_multi_socket_action(pointer, socket, what, &left)
    if status != CURLM_OK { work.broke(Self.text(of: status)) }
  }

  private static func happened(_ event: epoll_event) -> Int32 {
    var what: Int32 = 0
    if event.events & EPOLLIN.rawValue != 0 { what |= CURL_CSELECT_IN }
    if event.events & EPOLLOUT.rawValue != 0 { what |= CURL_CSELECT_OUT }
    if event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { what |= CURL_CSELECT_ERR }
    return what
  }

  /// Hands over what libcurl has finished.
  private func collect(_ work: some CurlWork) {
    var left: Int32 = 0
    while let message = curl_multi_info_read(pointer, &left) {
      let (what, handle, code) = (message.pointee.msg, message.pointee.easy_handle, message.pointee.data.result)
      if what == CURLMSG_DONE, let handle { work.ended(handle, code) }
    }
  }

  /// How many milliseconds may pass before something is due.
  private func patience(_ due: Moment?) -> Int32 {
    var until = due
    if let timer { until = min(until ?? timer, timer) }
    guard let until else { return -1 }
    return Int32(clamping: (until - .now).inMilliseconds)
  }

  // MARK: - What libcurl calls

  private static func of(_ context: UnsafeMutableRawPointer) -> CurlMulti {
    Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue()
  }

  private static let socketCallback: curl_socket_callback = { _, socket, what, context, _ in
    guard let context else { return 0 }
    var events: UInt32 = 0
    if what == CURL_POLL_IN || what == CURL_POLL_INOUT { events |= EPOLLIN.rawValue }
    if what == CURL_POLL_OUT || what == CURL_POLL_INOUT { events |= EPOLLOUT.rawValue }
    CurlMulti.of(context).sockets.want(events, of: socket)
    return 0
  }

  private static let closeCallback: curl_closesocket_callback = { context, socket in
    if let context { CurlMulti.of(context).sockets.forget(socket) }
    return Glibc.close(socket)
  }

  private static let timerCallback: curl_multi_timer_callback = { _, milliseconds, context in
    guard let context else { return 0 }
    CurlMulti.of(context).timer = milliseconds < 0 ? nil : .now + .milliseconds(milliseconds)
    return 0
  }
}
