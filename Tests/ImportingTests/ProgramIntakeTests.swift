import FileSystem
import Glibc
import JobCore
import JobDoubles
import MirrorTypes
import StoreTrust
import SystemPackage
import TestSupport
import Testing

@testable import Importing

/// Which package of this program is taken from a stick, and what is said of it.
@Suite struct ProgramIntakeTests {
  private let folder = TemporaryFolder()

  private static func carried(_ name: String, _ text: String = "package") throws -> CarriedProgram {
    let package = try #require(ProgramPackage(name: name))
    return CarriedProgram(package, size: Int64(text.utf8.count), sha256: .sha256(of: Array(text.utf8)))
  }

  @Test func `the newest package in the form of this host is chosen, if it is newer than what runs`() throws {
    let (deb, archive) = ("kscmirror_2.0.0-1_amd64.deb", "kscmirror-2.0.0-linux-x86_64.tar.gz")
    let cases: [(names: [String], form: ProgramPackage.Form, running: String, chosen: String?)] = [
      ([deb, archive], .debian, "1.0.0", deb), ([deb, archive], .archive, "1.0.0", archive),
      ([deb], .archive, "1.0.0", deb), ([deb, archive], .debian, "2.0.0", nil), ([deb], .debian, "2.0.0-rc.1", deb),
      ([deb], .debian, "3.0.0", nil), ([], .debian, "1.0.0", nil),
      ([archive, "kscmirror_1.5.0-1_amd64.deb"], .debian, "1.0.0", archive),
    ]
    for item in cases {
      let programs = try item.names.map { try Self.carried($0) }
      let chosen = ProgramIntake.choice(of: programs, for: item.form, newerThan: ProgramVersion(item.running))
      #expect(chosen?.package.name == item.chosen, "\(item)")
    }
  }

  private func intake(_ told: Told) -> ProgramIntake {
    ProgramIntake(StoreFolders(folder["my store"]), form: .debian, running: ProgramVersion("1.0.0"), reporter: told)
  }

  @Test func `a package that is no file, or has no end, is not taken, and that is noted`() throws {
    try Files.makeFolder(folder["my store"])
    try Files.makeFolder(folder["stick"])
    let name = "kscmirror_2.0.0-1_amd64.deb"
    let place = folder["stick"].appending(name)
    let lays: [() -> Bool] = [
      { mknod(place.string, S_IFSOCK | 0o600, 0) == 0 }, { mkfifo(place.string, 0o600) == 0 },
      { mkdir(place.string, 0o700) == 0 }, { symlink("/dev/zero", place.string) == 0 },
      { truncate(place.string, 1 << 40) == 0 },
    ]
    for (index, lay) in lays.enumerated() {
      if index == lays.count - 1 { try Files.replace(place, with: []) }
      try #require(lay(), "\(index)")
      let told = Told()
      var noted: [String] = []
      let intake = ProgramIntake(StoreFolders(folder["my store"]), reporter: told) { noted.append($1.message) }
      #expect(try intake.take(Self.carried(name), from: Place(at: place)) == nil)
      #expect(told.warnings == ["program-refused"] && noted.count == 1, "\(index): \(noted)")
      try Files.removeTree(place)
    }
  }

  private func stick(_ name: String, _ text: String) throws -> Place {
    try Files.makeFolder(folder["stick"])
    try Files.replace(folder["stick"].appending(name), with: Array(text.utf8))
    return try Place(at: folder["stick"].appending(name))
  }

  @Test func `what was signed is put into the store, in the place of an older one, and can be installed by a line`()
    throws
  {
    try Files.makeFolder(folder["my store"])
    let told = Told()
    let (old, new) = ("kscmirror_1.5.0-1_amd64.deb", "kscmirror_2.0.0-1_amd64.deb")
    #expect(try intake(told).take(Self.carried(old), from: stick(old, "package")) != nil)
    let taken = try #require(try intake(told).take(Self.carried(new), from: stick(new, "package")))
    #expect(taken.install == "apt install '\(folder["my store/program"].appending(new))'")
    #expect(try Files.entries(of: folder["my store/program"]).map(\.name) == [new])
    #expect(told.warnings == ["newer-program", "newer-program"])
    // Here already, the stick is not even read.
    try Files.remove(folder["stick"].appending(new))
    #expect(try intake(told).take(Self.carried(new), from: Place(at: folder["stick"].appending(new))) == taken)
  }

  @Test func `what was not signed so is not taken, and what is missing is no failure`() throws {
    try Files.makeFolder(folder["my store"])
    let name = "kscmirror_2.0.0-1_amd64.deb"
    for text in ["pacKage", "package!", ""] {
      let told = Told()
      #expect(try intake(told).take(Self.carried(name), from: stick(name, text)) == nil)
      #expect(told.warnings == ["program-refused"], "\(text)")
    }
    let told = Told()
    #expect(try intake(told).take(Self.carried(name), from: Place(at: folder["stick/gone"])) == nil)
    #expect(told.warnings.isEmpty)
    #expect(
      try Files.status(folder["my store/program"])
        .map { _ in try Files.entries(of: folder["my store/program"]).map(\.name) } ?? [] == []
    )
  }
}
