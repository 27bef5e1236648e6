import CLibcurl
import Glibc

/// What libcurl's codes mean, as far as the code tells by itself.
package enum CurlFailure {
  /// Newer libcurls' `CURLE_TOO_LARGE`.
  private static let tooLarge = CURLcode(rawValue: 100)

  /// The reason of a failure; `nil` where it depends on what had come of the answer.
  ///
  /// - Parameters:
  ///   - text: libcurl's own words.
  ///   - isAnswerBegun: whether the request is sent and the head of its answer not yet complete.
  package static func reason(
    _ code: CURLcode,
    _ text: String,
    _ proxy: TransferProxy,
    isAnswerBegun: Bool
  ) -> TransferError.Reason? {
    if let dates = certificateDates(text), code == CURLE_PEER_FAILED_VERIFICATION {
      return .certificateDates(dates, clock: Int64(time(nil)))
    }
    return switch code {
    case CURLE_COULDNT_RESOLVE_HOST: .cannotResolve
    case CURLE_COULDNT_RESOLVE_PROXY: .proxy(.cannotResolve)
    case CURLE_PROXY: .proxy(.cannotConnect(text))
    case CURLE_COULDNT_CONNECT:
      if case .server = proxy { .proxy(.cannotConnect(text)) } else { .cannotConnect(text) }
    case CURLE_OPERATION_TIMEDOUT: .timedOut(.connecting)
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_ISSUER_ERROR,
      CURLE_SSL_INVALIDCERTSTATUS:
      .tlsNotTrusted(text)
    case CURLE_SSL_CONNECT_ERROR, CURLE_USE_SSL_FAILED, CURLE_SSL_CIPHER, CURLE_SSL_CLIENTCERT: .tlsFailed(text)
    case CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ENGINE_NOTFOUND:
      .certificateUnusable(text)
    case CURLE_OUT_OF_MEMORY where isAnswerBegun, Self.tooLarge:
      // So libcurl says that a line of the head is longer than it takes.
      .malformedAnswer("its head has a line that is too long")
    case CURLE_OUT_OF_MEMORY: .system("out of memory")
    case CURLE_URL_MALFORMAT: .invalidURL(text)
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY: .malformedAnswer(text)
    default: nil
    }
  }

  /// What is said of a certificate's dates, by the words of OpenSSL and of GnuTLS.
  private static func certificateDates(_ text: String) -> TransferError.CertificateDates? {
    if text.contains("not yet valid") || text.contains("not yet activated") { return .notYetValid }
    return text.contains("has expired") || text.contains("certificate expired") ? .expired : nil
  }

  /// Whether HTTP/2 itself is what failed.
  package static func isOfHTTP2(_ code: CURLcode) -> Bool { code == CURLE_HTTP2 || code == CURLE_HTTP2_STREAM }
}
