/// Installers, and what a server has of them.
package struct PackageReport: Sendable, Encodable {
  /// The server's address.
  package let server: String
  /// The installers that were chosen, as they are now.
  package internal(set) var packages: [ShelvedPackage]
  /// The paths of those that something is, or was, to be done with.
  package internal(set) var due: [String] = []
  /// The paths of those that it was done with.
  package internal(set) var done: [String] = []
  /// Whether this was a dry run: nothing was done.
  package internal(set) var dryRun = false
  /// Whether somebody has said that it shall be done.
  package internal(set) var isConfirmed = false
  /// The agreements of the packages that the server has of them; with `list` none is asked for.
  package internal(set) var agreements: [PackageAgreement] = []
  /// The numbers of those that were accepted now.
  package internal(set) var accepted: [Int64] = []
  /// The numbers of those that have to be accepted, and are not.
  package internal(set) var waiting: [Int64] = []
  /// The folder that the server keeps packages in, as the server names it; only with `list`.
  package internal(set) var sharedFolder: String?
}
