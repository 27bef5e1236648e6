/// This program, as it names itself to servers and in bundles.
public enum Program {
  /// Its version, by semver.org.
  public static let version = "0.1.0"
  /// Name and version.
  public static let generator = "kscmirror \(version)"
}
