/// This program, as it names itself to servers and in bundles.
package enum Program {
  /// Its version, by semver.org.
  package static let version = "0.1.0"
  /// Name and version.
  package static let generator = "kscmirror \(version)"
}
