import SystemPackage

/// Where licences are read from.
package enum LicenceOrigin: Sendable, Hashable {
  /// The Administration Server of the configuration.
  case server
  /// The output of `kesl-control -L --query --json` in a file; `nil`: on standard input.
  case keslControl(FilePath?)
  /// Key files in a folder, of which only name and digest are reported.
  case keyFiles(FilePath)
  /// A document that was exported before.
  case export(FilePath)
  /// What a site has reported last, on the connected side.
  case site(String)
}
