import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import FileSystem

/// Unfinished files get no name that they should not have, and go away, whoever is killed.
@Suite struct DraftTests {
  private let ground = TemporaryFolder()

  private func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: ground.path.string) }

  private func leave(_ name: String) throws {
    try Data("half".utf8).write(to: URL(fileURLWithPath: ground[name].string))
  }

  @Test func `what a killed run has left is removed by the next one there, and what is being made is not`() throws {
    var alive = try Draft(for: OpenFolder(ground.path).place.appending("one"))
    let folder = try DraftFolder(in: OpenFolder(ground.path).place)
    let held = try names()
    #expect(held.count == 2 && held.allSatisfy { DraftName.isOne($0) })
    try leave(DraftName.random())
    let dead = ground[DraftName.random()]
    try FileManager.default.createDirectory(atPath: dead.appending("deep").string, withIntermediateDirectories: true)
    try leave("mine.tmp")
    try leave(".kscmirror-")
    try OpenFolder(ground.path).place.appending("two").replace(with: [1])
    #expect(try Set(names()) == Set(held + ["two", "mine.tmp", ".kscmirror-"]))
    try alive.file.write([1, 2])
    try alive.keep()
    #expect(try ground.path.appending("one").bytes() == [1, 2])
    withExtendedLifetime(folder) {}
  }

  @Test func `a link or a pipe under the name of a draft leads nowhere, and hangs nothing`() throws {
    let other = TemporaryFolder()
    try Data("kept".utf8).write(to: URL(fileURLWithPath: other["file"].string))
    try FileManager.default.createDirectory(atPath: other["folder"].string, withIntermediateDirectories: true)
    for name in ["file", "folder"] {
      try FileManager.default.createSymbolicLink(
        atPath: ground[DraftName.random()].string,
        withDestinationPath: other[name].string
      )
    }
    #expect(mkfifo(ground[DraftName.random()].string, 0o666) == 0)
    try OpenFolder(ground.path).place.appending("new").replace(with: [7])
    #expect(try names().count == 4)
    #expect(try other["file"].bytes() == Array("kept".utf8))
    #expect(FileManager.default.fileExists(atPath: other["folder"].string))
  }

  @Test func `a folder is looked through once for each time that it is opened`() throws {
    let place = try OpenFolder(ground.path).place
    try place.appending("a").replace(with: [1])
    try leave(DraftName.random())
    try place.appending("b").replace(with: [1])
    #expect(try names().count == 3)
    try OpenFolder(ground.path).place.appending("c").replace(with: [1])
    #expect(try Set(names()) == ["a", "b", "c"])
  }

  @Test func `a draft that is not kept leaves nothing`() throws {
    do { _ = try Draft(for: OpenFolder(ground.path).place.appending("a")) }
    do { _ = try DraftFolder(in: OpenFolder(ground.path).place) }
    #expect(try names() == [])
  }
}

extension FilePath {
  fileprivate func bytes() throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: string))) }
}
