import BundleFormat
import Bundles
import FileSystem
import JobCore
import MirrorTypes
import StoreTrust
import SystemPackage

/// Takes a newer version of this program from a bundle: its signature is verified with the bundle's, its bytes are compared
/// while it is copied into the store. Nothing of it is run: a person installs it.
struct ProgramIntake {
  let shelf: ProgramShelf
  let reporter: any JobReporter
  /// How this program was installed here.
  let form: ProgramPackage.Form
  /// The version that runs.
  let running: ProgramVersion?
  /// Notes that a package is not the signed one.
  private let noteRefusal: (CarriedProgram, JobError) -> Void

  /// - Parameter noteRefusal: is called with a package that is not the signed one.
  init(
    _ folders: StoreFolders,
    reporter: any JobReporter,
    noteRefusal: @escaping (CarriedProgram, JobError) -> Void
  ) {
    shelf = ProgramShelf(folders)
    self.reporter = reporter
    self.noteRefusal = noteRefusal
    form = Self.installedForm()
    running = ProgramVersion(Program.version)
  }

  init(
    _ folders: StoreFolders,
    form: ProgramPackage.Form,
    running: ProgramVersion?,
    reporter: any JobReporter
  ) {
    shelf = ProgramShelf(folders)
    self.reporter = reporter
    noteRefusal = { _, _ in }
    self.form = form
    self.running = running
  }

  /// How this host installs the program: as Debian does where its package is installed, or could be.
  private static func installedForm() -> ProgramPackage.Form {
    func exists(_ path: FilePath) -> Bool { ((try? Files.status(path)) ?? nil) != nil }
    // Only a package of Debian's has this file.
    if exists("/usr/share/doc/kscmirror/changelog.Debian.gz") { return .debian }
    if exists("/usr/local/lib/kscmirror/installed") { return .archive }
    return exists("/usr/bin/apt-get") ? .debian : .archive
  }

  /// The package that is worth installing here; `nil` if none is newer than what runs.
  static func choice(
    of programs: [CarriedProgram],
    for form: ProgramPackage.Form,
    newerThan running: ProgramVersion?
  ) -> CarriedProgram? {
    guard let running else { return nil }
    let newer = programs.filter { $0.package.version > running }
    guard let best = newer.map(\.package.version).max() else { return nil }
    let candidates = newer.filter { $0.package.version == best }
    return candidates.first { $0.package.form == form } ?? candidates.first
  }

  /// Takes what is newest from verified bundles, and says how it is installed. What cannot be taken is a warning: what was
  /// imported stays imported.
  func take(from bundles: [VerifiedBundle]) -> NewerProgram? {
    guard let program = Self.choice(of: bundles.flatMap(\.programs), for: form, newerThan: running),
      let bundle = bundles.last(where: { $0.programs.contains(program) })
    else { return nil }
    return take(program, from: bundle.reader.folder.pushing(BundleNames.programs).appending(program.package.name))
  }

  /// Takes one package from where it lies.
  func take(_ program: CarriedProgram, from source: Place) -> NewerProgram? {
    do {
      if try !shelf.has(program) {
        guard try source.status() != nil else {
          reporter.information(
            "program-missing",
            "the bundle lists kscmirror \(program.package.version.text), but \(source) is not on the stick"
          )
          return nil
        }
        try shelf.take(program.package, from: source, expecting: program)
      }
    } catch {
      let failure = JobError(error)
      if failure.status == .wrongContent || failure.status.isOfWhatCame { noteRefusal(program, failure) }
      reporter.warning("program-refused", "a newer kscmirror was not taken: \(failure)")
      return nil
    }
    let newer = NewerProgram(program.package, file: shelf.path(of: program.package))
    reporter.warning(
      "newer-program",
      "kscmirror \(newer.version) has come with the bundle, and \(Program.version) is running. Nobody but the connected side has signed it: compare its SHA-256 with that of the release, over another channel than the stick: \(program.sha256.hex). Then install it, as root: \(newer.install)"
    )
    return newer
  }
}

/// A newer version of this program that has come with a bundle.
package struct NewerProgram: Sendable, Hashable, Encodable {
  /// Its version.
  package let version: String
  /// The package's file, in the store.
  package let file: String
  /// The command that installs it, for root.
  package let install: String

  init(_ package: ProgramPackage, file: FilePath) {
    version = package.version.text
    self.file = file.string
    let word = ShellWord.quoted(file.string)
    install =
      switch package.form {
      case .debian: "apt install \(word)"
      case .archive:
        // A folder that nobody else can have made, since root runs what lies in it.
        "d=$(mktemp -d) && tar -xzf \(word) -C \"$d\" && \"$d\"/kscmirror-\(package.version.text)-linux-x86_64/install.sh"
      }
  }
}
