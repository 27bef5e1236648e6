import CLibcurl

/// Takes an answer while libcurl works on a handle.
package protocol CurlReceiver: AnyObject {
  /// Takes the next bytes of the body; `false` ends the transfer.
  func take(body bytes: UnsafeRawBufferPointer) -> Bool
  /// Takes a line of the head; `false` ends the transfer.
  func take(header line: UnsafeRawBufferPointer) -> Bool
}

/// A receiver as C sees it.
final class CurlDelivery {
  private unowned let receiver: any CurlReceiver

  init(to receiver: any CurlReceiver) { self.receiver = receiver }

  private typealias Callback =
    @convention(c) (
      UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?
    ) -> Int

  private static func of(_ context: UnsafeMutableRawPointer) -> CurlDelivery {
    Unmanaged<CurlDelivery>.fromOpaque(context).takeUnretainedValue()
  }

  private static let body: Callback = { bytes, _, count, context in
    guard let bytes, let context else { return 0 }
    return of(context).receiver.take(body: UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
  }

  private static let header: Callback = { bytes, _, count, context in
    guard let bytes, let context else { return 0 }
    return of(context).receiver.take(header: UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
  }

  func begin(on handle: EasyHandle) throws(TransferError) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    try handle.check(easy_set_body_callback(handle.pointer, Self.body, context), CURLOPT_WRITEFUNCTION)
    try handle.check(easy_set_header_callback(handle.pointer, Self.header, context), CURLOPT_HEADERFUNCTION)
  }
}
