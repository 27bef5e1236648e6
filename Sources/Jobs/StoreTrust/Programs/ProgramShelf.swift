import BundleFormat
import FileSystem
import JobCore
import MirrorTypes
import SystemPackage

/// The folder of a store with packages of this program: on the connected side what rides along with bundles, at a site what
/// has come with one. Of each form there is one package, the newest.
package struct ProgramShelf {
  private let folder: FilePath

  /// How many names of a folder are looked at.
  private static let mostEntries = 1000

  /// The shelf of a store.
  package init(_ folders: StoreFolders) { folder = folders.program }

  /// Where a package lies, or would lie.
  package func path(of package: ProgramPackage) -> FilePath { folder.appending(package.name) }

  /// The packages that are here, by their names.
  package func packages() throws -> [ProgramPackage] {
    guard try Files.status(folder) != nil else { return [] }
    return try Self.packages(in: OpenFolder(folder).place)
  }

  /// The newest package of each form in a folder.
  static func packages(in folder: Place) throws -> [ProgramPackage] {
    let found = try folder.entries(atMost: mostEntries).compactMap { ProgramPackage(name: $0.name) }
    return ProgramPackage.Form.allCases.compactMap { form in
      found.filter { $0.form == form }.max { ($0.version, $0.name) < ($1.version, $1.name) }
    }
  }

  /// Reads the packages that are here.
  ///
  /// - Throws: an error for one that cannot be read, or has no bytes or too many.
  package func carried() throws -> [CarriedProgram] {
    try packages().map { package in
      try Self.carried(package, at: Place(at: path(of: package)))
    }.inOrder
  }

  /// Reads a package; one that has no bytes, or too many, is not read.
  private static func carried(_ package: ProgramPackage, at place: Place) throws -> CarriedProgram {
    try refuseSize(try place.status()?.size ?? 0, of: place.shown)
    let (digest, size) = try FileDigest.of(place, atMost: ProgramPackage.mostBytes)
    return CarriedProgram(package, size: size, sha256: digest)
  }

  private static func refuseSize(_ size: Int64, of path: FilePath) throws {
    guard (1...ProgramPackage.mostBytes).contains(size) else {
      throw JobError(.wrongContent, "\(path): a package of kscmirror does not have \(Words.exactBytes(size))")
    }
  }

  /// Whether a package is here, with these bytes.
  package func has(_ program: CarriedProgram) throws -> Bool {
    let path = path(of: program.package)
    guard let status = try Files.status(path), status.kind == .file, status.size == program.size else { return false }
    return try FileDigest.of(path).digest == program.sha256
  }

  /// Copies a package to the shelf, in the place of older ones of its form. It gets its name when it is whole.
  ///
  /// - Parameters:
  ///   - source: where it lies.
  ///   - expected: the bytes that it must have; `nil`: whatever it has.
  /// - Throws: an error with ``ExitStatus/wrongContent`` for other bytes; nothing is changed then.
  @discardableResult
  package func take(_ package: ProgramPackage, from source: Place, expecting expected: CarriedProgram?) throws
    -> CarriedProgram
  {
    let status = try source.status()
    guard expected == nil || status?.kind == .file else { throw changed(source, "it is not a regular file") }
    let size = status?.size ?? 0
    guard expected.map({ $0.size == size }) ?? true else { throw changed(source, "it has \(Words.exactBytes(size))") }
    try Self.refuseSize(size, of: source.shown)
    try Files.makeFolder(folder, permissions: 0o700)
    let shelf = try OpenFolder(folder).place
    let partial = shelf.appending("new.part")
    let digest = try VolumeCopy.copy(JoinedInput([source]), count: size, to: partial)
    guard expected.map({ $0.sha256 == digest }) ?? true else {
      try partial.remove()
      throw changed(source, "its SHA-256 is not the signed one")
    }
    try partial.rename(to: shelf.appending(package.name))
    try shelf.syncFolder()
    for other in try shelf.entries(atMost: Self.mostEntries) where other.name != package.name {
      guard let older = ProgramPackage(name: other.name), older.form == package.form else { continue }
      try shelf.appending(other).remove()
    }
    return CarriedProgram(package, size: size, sha256: digest)
  }

  private func changed(_ source: Place, _ why: String) -> JobError {
    JobError(
      .wrongContent,
      "\(source): \(why): this is not the package that was signed",
      remedy: "Do not install it. Have the connected side pack again, with --with-program."
    )
  }

  /// Takes the packages that a person names: a file, or the newest of each form in a folder.
  package func take(from path: FilePath) throws {
    for (package, place) in try Self.named(path) { try take(package, from: place, expecting: nil) }
  }

  /// The packages that a person names, as they lie there.
  package static func carried(at path: FilePath) throws -> [CarriedProgram] {
    try named(path).map { package, place in try carried(package, at: place) }.inOrder
  }

  private static func named(_ path: FilePath) throws -> [(ProgramPackage, Place)] {
    if let place = try OpenFolder.ifFolder(path)?.place {
      let found = try packages(in: place)
      guard !found.isEmpty else { throw noPackage("\(path): there is no package of kscmirror here") }
      return found.map { ($0, place.appending($0.name)) }
    }
    guard let name = path.lastComponent?.string, let package = ProgramPackage(name: name) else {
      throw noPackage("\(path): this is not the name of a package of kscmirror")
    }
    return [(package, try Place(at: path))]
  }

  /// Why nothing rides along.
  package static func noPackage(_ message: String) -> JobError {
    JobError(
      .notThere,
      message,
      remedy:
        "Name kscmirror_VERSION-REVISION_amd64.deb, kscmirror-VERSION-linux-x86_64.tar.gz, or a folder with them: --with-program PATH. They are kept in the store, so that they are named once."
    )
  }
}
