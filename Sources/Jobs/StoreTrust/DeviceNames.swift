import JobCore
import MirrorTypes

/// The files of a signed list whose names Windows keeps for devices. Stores of earlier programs may have such: what they
/// have signed is taken, and reported, since what is copied to Windows from it lacks them.
package struct DeviceNames: Sendable, Hashable {
  private var first: [String] = []
  private var count = 0

  /// No files.
  package init() {}

  /// Looks at a file's path.
  package mutating func look(at path: TreePath) {
    guard path.deviceName != nil else { return }
    count += 1
    if first.count < Words.mostNames { first.append(path.string) }
  }

  /// Warns of what was found, if anything was.
  ///
  /// - Parameter subject: what has the files, such as `snapshot 3`.
  package func report(of subject: String, to reporter: any JobReporter) {
    if let words = words(of: subject) { reporter.warning("device-names", words) }
  }

  /// The warning; `nil` when nothing was found.
  func words(of subject: String) -> String? {
    guard count > 0 else { return nil }
    let names = first.joined(separator: ", ") + Words.more(than: first.count, of: count)
    return
      "\(subject): \(Words.count(count, "file")) with a name that Windows keeps for a device: \(names). Stored and published here; Windows cannot save a file of that name. Give it another 'path' where it comes from."
  }
}
