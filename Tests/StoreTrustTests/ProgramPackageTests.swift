import MirrorTypes
import StrictJSON
import Testing
import Trust

@testable import StoreTrust

/// Packages of this program, by their names.
@Suite struct ProgramPackageTests {
  @Test func `versions are in the order of semver`() throws {
    let ordered = [
      "0.0.9", "0.1.0-alpha", "0.1.0-alpha.1", "0.1.0-alpha.beta", "0.1.0-beta", "0.1.0-beta.2", "0.1.0-beta.11",
      "0.1.0-rc.1", "0.1.0", "0.1.1", "0.2.0", "0.10.0", "1.0.0", "10.0.0",
    ]
    let versions = try ordered.map { try #require(ProgramVersion($0), "\($0)") }
    #expect(versions.sorted() == versions && versions.shuffled().sorted() == versions)
    for (left, right) in zip(versions, versions.dropFirst()) { #expect(left < right && !(right < left)) }
  }

  @Test(arguments: [
    "", "1", "1.2", "1.2.3.4", "1.2.x", "v1.2.3", "1.2.-3", "1.2.3-", "1.2.3-a..b", "1.2.3-a/b", "1.2.3 ", "1.2.3+x",
    "9999999999.0.0", "1..3",
  ])
  func `what is no version is none`(_ text: String) {
    #expect(ProgramVersion(text) == nil)
  }

  @Test(arguments: [
    ("kscmirror_0.1.0-1_amd64.deb", ProgramPackage.Form.debian, "0.1.0"),
    ("kscmirror_0.2.0~rc.1-12_amd64.deb", .debian, "0.2.0-rc.1"),
    ("kscmirror-0.1.0-linux-x86_64.tar.gz", .archive, "0.1.0"),
    ("kscmirror-0.2.0-rc.1-linux-x86_64.tar.gz", .archive, "0.2.0-rc.1"),
  ])
  func `a package tells its form and version by its name`(
    _ name: String,
    _ form: ProgramPackage.Form,
    _ version: String
  ) {
    let package = ProgramPackage(name: name)
    #expect(package?.form == form && package?.version == ProgramVersion(version) && package?.name == name)
  }

  private static let strangers = [
    "kscmirror_0.1.0_amd64.deb", "kscmirror_0.1.0-x_amd64.deb", "kscmirror_0.1.0-1_arm64.deb", "kscmirror-000042",
    "kscmirror_0.1.0-rc.1-1_amd64.deb", "other_0.1.0-1_amd64.deb", "kscmirror_../../x-1_amd64.deb",
    "kscmirror_-1_amd64.deb",
    "kscmirror-0.1.0-linux-x86_64.tar.gz/x", "kscmirror_0.1.0\n-1_amd64.deb", "autorun.inf",
    "kscmirror_0.1.0-1_amd64.deb ", "KSCMIRROR_0.1.0-1_amd64.deb",
  ]

  @Test(arguments: strangers)
  func `what is not the name of a package is ignored`(_ name: String) throws {
    #expect(ProgramPackage(name: name) == nil)
    let digest = ObjectDigest.sha256(of: [])
    let good = "kscmirror_9.0.0-1_amd64.deb"
    let listed = try MetadataMaker.targets(
      MetadataHeader(version: 1, expires: UTCTime(seconds: 2_000_000_000)),
      [good, name].map { TargetFile(path: "program/\($0)", length: 1, sha256: digest) }
        + [TargetFile(path: "volumes/\(good)", length: 1, sha256: digest)]
    )
    #expect(SignedPrograms.read(try TargetsMetadata(listed.signed)).map(\.package.name) == [good])
  }

  @Test func `a package without bytes, or with too many, is ignored`() throws {
    let name = "program/kscmirror_9.0.0-1_amd64.deb"
    for (length, count) in [(Int64(0), 0), (1, 1), (ProgramPackage.mostBytes, 1), (ProgramPackage.mostBytes + 1, 0)] {
      let listed = try MetadataMaker.targets(
        MetadataHeader(version: 1, expires: UTCTime(seconds: 2_000_000_000)),
        [TargetFile(path: name, length: length, sha256: .sha256(of: []))]
      )
      #expect(SignedPrograms.read(try TargetsMetadata(listed.signed)).count == count, "\(length)")
    }
  }
}
