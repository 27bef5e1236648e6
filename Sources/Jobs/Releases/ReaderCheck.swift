import ContentStore
import FileSystem
import JobCore
import MirrorConfiguration
import MirrorTypes
import SystemPackage

/// Whether those who are to read what is published can: the web server's user where the configuration names one, and else
/// anybody.
package struct ReaderCheck: InContext {
  package let context: JobContext

  /// What was found, in words.
  package struct Finding: Sendable {
    /// Why it cannot be read, in a sentence without an end; `nil` if it can.
    package let trouble: String?
    /// What to do about it.
    package let remedy: String?
    /// Whether only folders around the store stand in the way of users whom nobody has named: that may be meant so.
    package let mayBeMeant: Bool
    /// Who can read how much, where nothing is in the way.
    package let words: String
  }

  /// A check of the context's store.
  package init(_ context: JobContext) { self.context = context }

  /// Looks.
  ///
  /// - Parameter mends: whether what of it is this user's is opened; the store's lock is held.
  /// - Throws: an error when that cannot be said.
  package func finding(mending mends: Bool = false) throws -> Finding {
    let name = configuration.serve.webUser
    guard let reader = name.map({ FileReader(user: $0) }) ?? .anybody else {
      return Finding(
        trouble: "there is no user '\(name ?? "")' on this host, whom [serve] names as web_user",
        remedy: "Name the user whose web server reads the store, such as \"www-data\".",
        mayBeMeant: false,
        words: ""
      )
    }
    // What is published is everybody's, whoever is to read it.
    let mended = mends ? try PublishedAccess(folder, for: .anybody).finding(mending: true) : nil
    let found = try (reader == .anybody ? mended : nil) ?? PublishedAccess(folder, for: reader).finding()
    return self.finding(found, reader, isNamed: name != nil)
  }

  private func finding(_ found: PublishedAccess.Finding, _ reader: FileReader, isNamed: Bool) -> Finding {
    let words = "\(reader.words) can read what is published, \(Words.count(found.files, "file"))"
    guard !found.isClear else { return Finding(trouble: nil, remedy: nil, mayBeMeant: false, words: words) }
    if let folder = found.around.first {
      let more = Words.more(than: 1, of: found.around.count)
      return Finding(
        trouble:
          "\(reader.words) cannot read what is published: the way there is closed at \(folder.path) (\(Self.octal(folder.permissions)))\(more)",
        remedy: (isNamed ? "Run: " : "Name who is to read as web_user in [serve], or run: ")
          + "chmod o+x \(found.around.map { "'\($0.path)'" }.joined(separator: " "))",
        mayBeMeant: !isNamed && found.publishedCount == 0,
        words: words
      )
    }
    let first = found.published.first.map { "\($0.path) (\(Self.octal($0.permissions)))" } ?? ""
    return Finding(
      trouble:
        "\(reader.words) cannot read all that is published: \(first)\(Words.more(than: 1, of: found.publishedCount))",
      remedy: "As the store's owner, run: \(opening)",
      mayBeMeant: false,
      words: words
    )
  }

  /// What others can open though it is not for them; `nil` when there is nothing.
  ///
  /// - Throws: an error when that cannot be said.
  package func exposure() throws -> (trouble: String, remedy: String)? {
    let exposed = try StoreSecrets.exposed(in: folder)
    guard let first = exposed.first else { return nil }
    let commands = exposed.map { "chmod \(Self.octal($0.closed)) '\($0.path)'" }
    return (
      "other users can open what only its owner may read: \(first.path) (\(Self.octal(first.permissions)))"
        + Words.more(than: 1, of: exposed.count),
      "As the store's owner, run: \(commands.joined(separator: " && "))"
    )
  }

  /// What opens all that is published, and not the lock that lies beside the metadata.
  private var opening: String {
    let map = StoreMap(folder)
    return
      "chmod -R a+rX '\(map[.releases])' '\(map[.objects])' && chmod a+rX '\(map[.metadata])' '\(map[.metadata])'/*.json"
  }

  private static func octal(_ permissions: UInt32) -> String {
    let digits = String(permissions & 0o7777, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}

extension ReleaseSwitch {
  /// Sees, when something was published, that it can be read, and that nothing else can; what of it is this user's and
  /// closed is opened. That somebody cannot read it is a warning: it is published all the same.
  package func lookForReaders() {
    do {
      let check = ReaderCheck(context)
      if let (trouble, remedy) = try check.exposure() { reporter.warning("exposed", "\(trouble). \(remedy)") }
      let finding = try check.finding(mending: true)
      guard let trouble = finding.trouble, !finding.mayBeMeant else { return }
      reporter.warning("unreadable", "\(trouble). \(finding.remedy ?? "")")
    } catch {
      reporter.warning("unreadable", "whether what is published can be read cannot be said: \(JobError(error).message)")
    }
  }
}
