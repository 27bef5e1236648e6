import FileSystem
import JobCore
import MirrorTypes
import SystemPackage
import TestSupport
import Testing

@Suite struct MountDecisionTests {
  private func isRefused(_ rule: MountRule, _ folder: FilePath, isApart: Bool = false, wasApart: Bool = false) -> Bool {
    MountDecision(rule: rule, folder: folder, isApart: isApart, wasApart: wasApart).refusal != nil
  }

  @Test(arguments: ["/media/stick", "/media", "/mnt", "/mnt/a/b", "/run/media/anna/KSC"])
  func `where sticks are mounted, there has to be one`(_ folder: FilePath) {
    #expect(isRefused(.whereSticksAre, folder))
    #expect(!isRefused(.whereSticksAre, folder, isApart: true))
    #expect(!isRefused(.never, folder, wasApart: true))
    #expect(isRefused(.always, folder))
  }

  @Test(arguments: ["/srv/outbox", "/var/lib/kscmirror-outbox", "/mediacentre/stick", "/run/mediax", "/home/mnt/x"])
  func `elsewhere a folder is one of this computer, unless a stick was mounted there`(_ folder: FilePath) {
    #expect(!isRefused(.whereSticksAre, folder))
    #expect(isRefused(.whereSticksAre, folder, wasApart: true))
    #expect(!isRefused(.whereSticksAre, folder, isApart: true, wasApart: true))
    #expect(!isRefused(.never, folder, wasApart: true))
    #expect(isRefused(.always, folder) && !isRefused(.always, folder, isApart: true))
  }

  @Test func `a folder that does not exist is not made, and the message says how to make it`() throws {
    let ground = TemporaryFolder()
    let path = ground["out box"]
    let error = try #require(#expect(throws: JobError.self) { try Medium.open(path, .never, store: nil) })
    #expect(error.status == .notThere && error.message.contains("\(path) does not exist"), "\(error)")
    #expect(error.remedy?.hasSuffix("mkdir -p '\(path)'") == true, "\(error)")
    #expect(try Files.status(path) == nil)
    try Files.replace(path, with: [])
    let file = try #require(#expect(throws: JobError.self) { try Medium.open(path, .never, store: nil) })
    #expect(file.status == .cannotCreate && file.message.hasSuffix("is not a folder"), "\(file)")
  }
}
