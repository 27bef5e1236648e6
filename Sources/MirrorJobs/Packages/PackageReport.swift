/// Installers, and what a server has of them.
public struct PackageReport: Sendable, Encodable {
  /// The server's address.
  public let server: String
  /// The installers that were chosen, as they are now.
  public internal(set) var packages: [ShelvedPackage]
  /// The paths of those that something is, or was, to be done with.
  public internal(set) var due: [String] = []
  /// The paths of those that it was done with.
  public internal(set) var done: [String] = []
  /// Whether nothing was to be done, only told.
  public internal(set) var dryRun = false
  /// Whether somebody has said that it shall be done.
  public internal(set) var isConfirmed = false
  /// The agreements of the packages that the server has of them; with `list` none is asked for.
  public internal(set) var agreements: [PackageAgreement] = []
  /// The numbers of those that were accepted now.
  public internal(set) var accepted: [Int64] = []
  /// The numbers of those that have to be accepted, and are not.
  public internal(set) var waiting: [Int64] = []
  /// The folder that the server keeps packages in, as the server names it; only with `list`.
  public internal(set) var sharedFolder: String?
}
