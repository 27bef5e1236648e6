import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

/// What is no regular file, in the place of each file of a bundle: a stick may have a file system that has such things.
@Suite struct SpecialFileTests {
  /// What lies there instead.
  enum Instead: String, CaseIterable, CustomTestStringConvertible {
    case socket = "a socket"
    case pipe = "a pipe"
    case folder = "a folder"
    case danglingLink = "a link that leads nowhere"
    case deviceLink = "a link to a device"

    var testDescription: String { rawValue }

    func lay(at path: FilePath) throws {
      let done =
        switch self {
        case .socket: mknod(path.string, S_IFSOCK | 0o600, 0)
        case .pipe: mkfifo(path.string, 0o600)
        case .folder: mkdir(path.string, 0o700)
        case .danglingLink: symlink("nowhere", path.string)
        case .deviceLink: symlink("/dev/zero", path.string)
        }
      try #require(done == 0, "\(path): \(String(cString: strerror(errno)))")
    }
  }

  /// What `import` does not read of a bundle that has its own name: other programs do.
  private static let unread = ["bagit.txt", "bag-info.txt", "tagmanifest-sha256.txt"]

  @Test(arguments: Instead.allCases)
  func `what is no regular file of a bundle is refused, and is no fault of the stick`(_ instead: Instead) async throws {
    let ground = try await SticksGround(files: 24, meanSize: 400)
    let files = try World.files(below: ground.bundle).keys.sorted()
    try #require(["LABEL.txt", "/metadata/", "/volumes/"].allSatisfy { kind in files.contains { $0.contains(kind) } })
    for name in files {
      let comment = Comment(rawValue: "\(instead.rawValue) as \(name)")
      let (stick, store) = (try ground.copy("stick-of-it"), try ground.newStore())
      let path = ground.world.bundle(1, at: stick).pushing(FilePath(name))
      try FileManager.default.removeItem(atPath: path.string)
      try instead.lay(at: path)
      let journal = try Data(contentsOf: URL(fileURLWithPath: store.appending("journal").string))
      let outcome = try await ground.import(stick, into: store)
      let words = Comment(rawValue: "\(comment): \(outcome.status) \(outcome.errors)")
      if Self.unread.contains(name) {
        #expect(outcome.status == 0 || outcome.status == Exit.damagedBundle, words)
        continue
      }
      let refusals = [Exit.notABundle, Exit.incompleteBundle, Exit.damagedBundle]
      #expect(refusals.contains(outcome.status), words)
      #expect(outcome.errors.contains(path.lastComponent?.string ?? name), words)
      #expect(!outcome.errors.contains("Check the disk"), words)
      let added = try Data(contentsOf: URL(fileURLWithPath: store.appending("journal").string)).dropFirst(journal.count)
      #expect(String(decoding: added, as: UTF8.self).contains("refusal"), words)
      ground.expectNothing(store)
      let shown = try await ground.world.run(["inspect", "--store", store.string, stick.string])
      #expect(shown.status != Exit.inputOutput && shown.status != Exit.software, "\(comment): inspect \(shown.errors)")
      try FileManager.default.removeItem(atPath: store.string)
    }
  }
}
