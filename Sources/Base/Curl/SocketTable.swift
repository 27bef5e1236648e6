import CLibcurl
import Glibc

/// The sockets that libcurl wants to hear of, in an epoll set.
///
/// libcurl lets go of a socket at the end of every transfer and takes it up again for the next one, so changes are
/// gathered and only what is different in the end is given to the kernel.
struct SocketTable: ~Copyable {
  private struct Socket {
    var wanted: UInt32 = 0
    var registered: UInt32 = 0
    var isListed = false
  }

  private let descriptor: Int32
  private var sockets: [Socket] = []
  private var changed: [Int32] = []

  init() throws(TransferError) {
    descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard descriptor >= 0 else { throw TransferError(.system("cannot make an epoll set: errno \(errno)")) }
  }

  deinit { close(descriptor) }

  /// Notes what libcurl wants to hear of a socket; 0 for nothing.
  mutating func want(_ events: UInt32, of socket: Int32) {
    guard socket >= 0 else { return }
    while sockets.count <= Int(socket) { sockets.append(Socket()) }
    sockets[Int(socket)].wanted = events
    if !sockets[Int(socket)].isListed {
      sockets[Int(socket)].isListed = true
      changed.append(socket)
    }
  }

  /// The socket is about to be closed, which takes it out of the kernel's set; its number may come again.
  mutating func forget(_ socket: Int32) {
    guard sockets.indices.contains(Int(socket)) else { return }
    sockets[Int(socket)].wanted = 0
    sockets[Int(socket)].registered = 0
  }

  /// Whether anything is still wanted of a socket: an event may be older than that.
  func isWanted(_ socket: Int32) -> Bool {
    sockets.indices.contains(Int(socket)) && sockets[Int(socket)].wanted != 0
  }

  /// Waits for events; `milliseconds` -1 for as long as it takes. Returns how many there are.
  mutating func wait(into events: UnsafeMutableBufferPointer<epoll_event>, milliseconds: Int32) -> Int {
    for socket in changed { register(socket) }
    changed.removeAll(keepingCapacity: true)
    return max(0, Int(epoll_wait(descriptor, events.baseAddress, Int32(events.count), milliseconds)))
  }

  private mutating func register(_ socket: Int32) {
    let index = Int(socket)
    sockets[index].isListed = false
    let (wanted, registered) = (sockets[index].wanted, sockets[index].registered)
    guard wanted != registered else { return }
    var event = epoll_event(events: wanted, data: epoll_data_t(fd: socket))
    if wanted == 0 {
      epoll_ctl(descriptor, EPOLL_CTL_DEL, socket, nil)
    } else if epoll_ctl(descriptor, registered == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event) != 0 {
      epoll_ctl(descriptor, registered == 0 ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event)
    }
    sockets[index].registered = wanted
  }
}
