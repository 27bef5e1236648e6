import JobCore

extension JobError {
  /// Whether it says that a server, or the way to it, failed: no reason to give up what can be done without.
  var isOfServers: Bool {
    switch status {
    case .noServer, .badAnswer, .permission, .notTrusted, .notOnServer, .serverError, .cutShort, .wrongContent: true
    default: false
    }
  }
}
