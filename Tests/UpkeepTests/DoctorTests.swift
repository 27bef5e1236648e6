import ContentStore
import Failures
import FileSystem
import Foundation
import JobDoubles
import SystemPackage
import TestSupport
import Testing

@testable import JobCore
@testable import Upkeep

/// What `doctor` judges by itself; the rest is tested by the built program.
@Suite struct DoctorTests {
  @Test func `what ceases to be good is a warning before, and an error after its end`() {
    let expiry = Expiry(name: "x", what: "it", remedy: "sign it", early: 100)
    #expect(expiry.finding(1000, now: 500).severity == .ok)
    #expect(expiry.finding(1000, now: 901).severity == .warning)
    #expect(expiry.finding(1000, now: 1000).severity == .error)
    #expect(expiry.finding(1000, now: 1001).remedy == "sign it")
  }

  @Test func `a lock that a run holds is seen without touching it, and none when it is gone`() throws {
    let folder = TemporaryFolder()
    let file = folder["lock"]
    var lock = try FileLock.take(file)
    #expect(LockHolder.of(file)?.process == Int(ProcessInfo.processInfo.processIdentifier))
    #expect(LockHolder.of(file, others: true) == nil)
    withExtendedLifetime(lock) {}
    lock = nil
    #expect(LockHolder.of(file) == nil)
  }

  @Test func `who has the current release mounted will miss the next one, and who works in it will not`() {
    func held(_ number: Int, _ ways: FolderHolder.Way...) -> HeldRelease {
      HeldRelease(
        number: number,
        holders: ways.map { FolderHolder(inner: FilePath("\(number)"), way: $0, process: nil) }
      )
    }
    let all = [held(1, .workingFolder), held(2, .workingFolder), held(2, .workingFolder, .mount("/www"))]
    #expect(HoldersCheck.judged(all, current: 2) == [held(1, .workingFolder), held(2, .mount("/www"))])
  }

  @Test func `the worst finding decides how the command ends`() {
    let (ok, warning, error) = (
      Finding.ok("a", "fine"), Finding.warning("b", "look", remedy: nil), Finding.error("c", "broken", remedy: nil)
    )
    func status(_ findings: [Finding]) -> Failures.ExitStatus {
      DoctorReport(store: "/s", side: "isolated", findings: findings).status
    }
    #expect(status([ok]) == .success && status([ok, warning]) == .doctorWarning)
    #expect(status([error, warning, ok]) == .doctorError && status([]) == .success)
  }

  @Test func `the vendor's settings for both servers are reported with their folders`() {
    for side in PatchFolders.Side.allCases {
      let folders = PatchFolders(side: side, requirements: "/srv/it's lists", patches: "/srv/patches")
      let patient = Patient(.test("/nowhere"), reading: .success(nil))
      let findings = PatchFoldersCheck(folders).findings(in: patient)
      let lines = findings.flatMap(\.lines)
      #expect(lines.contains { $0.contains("klscflag") && $0.contains("'/srv/patches'") })
      #expect(lines.contains { $0.contains("'/srv/it'\\''s lists'") }, "\(lines)")
      #expect(findings.filter { $0.severity == .warning }.count == 2, "neither folder is there")
    }
  }
}
