/// What happens with a server and does not end a transfer, but may be worth a word.
package enum TransferEvent: Hashable, Sendable {
  /// It gets a pause that it has asked for.
  case pause(TransferPause)
  /// HTTP/2 does not work with it, or on the way to it: HTTP/1.1 is spoken from now on.
  case leftHTTP2(server: String)
}
