import Failures
import Glibc
import MirrorTypes

/// What is written about a command that fails, or works again.
struct FailureLetter {
  /// The variables that a command gets.
  let environment: [String: String]
  /// The text.
  let body: String
  private let subject: String

  init(
    _ command: String,
    _ report: FailureMemory.Report,
    _ status: ExitStatus,
    _ message: String,
    site: String?,
    store: String
  ) {
    let host = Self.host
    let place = site.map { "\($0) (\(host))" } ?? host
    var lines: [String]
    var variables = [
      "KSCMIRROR_COMMAND": command, "KSCMIRROR_STATUS": "\(status.rawValue)", "KSCMIRROR_STORE": store,
      "KSCMIRROR_SITE": site ?? "", "KSCMIRROR_HOST": host,
    ]
    switch report {
    case .failing(let since, let failures):
      subject = "kscmirror on \(place): \(command) fails"
      lines = [
        "'kscmirror \(command)' on \(place) failed with status \(status.rawValue): \(status.summary).", "", message, "",
        "It has failed \(Words.count(failures, "time")), since \(Words.time(since)).",
        "You get no more about this until it works again.",
      ]
      variables["KSCMIRROR_EVENT"] = "failed"
      variables["KSCMIRROR_SINCE"] = since.text
      variables["KSCMIRROR_FAILURES"] = "\(failures)"
    case .recovered(let since, let failures):
      subject = "kscmirror on \(place): \(command) works again"
      lines = [
        "'kscmirror \(command)' on \(place) works again.",
        "It had failed \(Words.count(failures, "time")), since \(Words.time(since)).",
      ]
      variables["KSCMIRROR_EVENT"] = "recovered"
      variables["KSCMIRROR_SINCE"] = since.text
      variables["KSCMIRROR_FAILURES"] = "\(failures)"
    }
    lines += ["", "Store: \(store)", "See 'kscmirror status' and 'kscmirror log' there."]
    body =
      lines.flatMap { $0.split(separator: "\n", omittingEmptySubsequences: false) }
      .map { ShownText.escaped(String($0)) }.joined(separator: "\n") + "\n"
    variables["KSCMIRROR_MESSAGE"] = ShownText.escaped(message.replacing("\n", with: " "))
    environment = variables
  }

  /// It as a mail: what stands in its head has ASCII only, and no line break.
  func mail(to addresses: [String], from: String?) -> String {
    let head = [
      "To: \(addresses.joined(separator: ", "))", "Subject: \(Self.ascii(subject))", "Auto-Submitted: auto-generated",
      "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit",
    ]
    return ((from.map { ["From: \($0)"] } ?? []) + head).joined(separator: "\n") + "\n\n" + body
  }

  private static func ascii(_ text: String) -> String {
    String(text.unicodeScalars.map { (0x20..<0x7F).contains($0.value) ? Character($0) : "?" })
  }

  private static var host: String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "this host" }
    return ShownText.escaped(String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
  }
}
