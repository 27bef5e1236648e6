import SystemPackage

/// What of licences leaves the site, and when one is worth a warning.
package struct LicenceSettings: Sendable, Hashable {
  /// Whether the devices that use a key are listed, not only counted.
  package var devices = false
  /// Whether names of devices are replaced by pseudonyms.
  package var pseudonyms = true
  /// From how many days before a licence's end its state is a warning.
  package var warnDays = 30

  /// The defaults.
  package init() {}
}

/// What of Kaspersky Security Network leaves the site.
package struct KSNSettings: Sendable, Hashable {
  /// The folder in which statistics wait to be carried out, `NAME.json`, one body each.
  package var spool: FilePath?
  /// Names of fields of statistics that may leave besides the built-in ones.
  package var fields: [String] = []

  /// The defaults.
  package init() {}
}

extension LicenceSettings {
  init(reading top: inout TableReader) throws(ConfigurationError) {
    self.init()
    guard var table = try top.subtable("licence", as: "[licence]") else { return }
    devices = try table.bool("devices") ?? devices
    pseudonyms = try table.bool("pseudonyms") ?? pseudonyms
    warnDays = try table.int("warn_days", in: 0...3650) ?? warnDays
    try table.finish()
  }
}

extension KSNSettings {
  init(reading top: inout TableReader) throws(ConfigurationError) {
    self.init()
    guard var table = try top.subtable("ksn", as: "[ksn]") else { return }
    spool = try table.file("spool")
    fields = try table.strings("fields") ?? fields
    try table.finish()
  }
}
