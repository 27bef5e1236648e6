import SystemPackage

/// Who gets a report when a command fails, and when it works again.
package struct NotifySettings: Sendable, Hashable {
  /// A command of the administrator's, for the shell.
  package var command: String?
  /// Addresses that get a mail.
  package var mail: [String] = []
  /// From whom the mail is; `nil`: the mail program says.
  package var from: String?
  /// The program that takes a mail on its standard input, as sendmail does.
  package var sendmail: FilePath = "/usr/sbin/sendmail"
  /// How many runs one after the other have to fail.
  package var after = 1

  /// The defaults.
  package init() {}

  /// Whether anybody is told at all.
  package var isUsed: Bool { command != nil || !mail.isEmpty }
}

extension NotifySettings {
  init(reading top: inout TableReader) throws(ConfigurationError) {
    self.init()
    guard var table = try top.subtable("notify", as: "[notify]") else { return }
    command = try table.string("command")
    if command?.isEmpty == true { throw table.bad("command", "is empty") }
    mail = try table.strings("mail") ?? mail
    from = try table.string("from")
    for (key, address) in mail.map({ ("mail", $0) }) + (from.map { [("from", $0)] } ?? []) {
      guard Self.isAddress(address) else { throw table.bad(key, "has an address that cannot be used: '\(address)'") }
    }
    sendmail = try table.file("sendmail") ?? sendmail
    after = try table.int("after", in: 1...1000) ?? after
    try table.finish()
  }

  /// Whether a text can stand in a line of a mail as an address: `root`, or `admin@example.com`.
  private static func isAddress(_ text: String) -> Bool {
    let allowed = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "@._+-=/".utf8.contains(byte)
      }
    }
    return allowed && !text.isEmpty && text.utf8.count <= 254 && !text.hasPrefix("-")
      && text.split(separator: "@").count <= 2
  }
}
