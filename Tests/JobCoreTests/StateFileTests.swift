import Failures
import FileSystem
import Foundation
import JobCore
import StrictJSON
import SystemPackage
import TestSupport
import Testing

/// What a job remembers in a file: it comes back as it was, or the error says what to do.
@Suite struct StateFileTests {
  private let folder = TemporaryFolder()
  private var path: FilePath { folder["private/state.json"] }

  private func file(
    _ path: FilePath,
    maximumSize: Int = 1000,
    isPrivate: Bool = true,
    wasUnmarked: Bool = false
  ) -> StateFile {
    StateFile(
      path,
      kind: "kscmirror test",
      what: "what is known of it",
      remedy: "Remove it.",
      maximumSize: maximumSize,
      isPrivate: isPrivate,
      wasUnmarked: wasUnmarked
    )
  }

  private func permissions(_ path: FilePath) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path.string)[.posixPermissions] as? Int
  }

  @Test func `what is written is read again, by its owner alone where it is private`() throws {
    let state = file(path)
    #expect(try state.read() == nil && !state.exists())
    try state.write(["number": .integer(.max), "text": "é\n"])
    let read = try #require(try state.read())
    #expect(read["number"] == .integer(.max) && read["text"] == "é\n")
    #expect(read["kind"] == "kscmirror test" && read["format"] == 1)
    #expect(try permissions(path) == 0o600)
    #expect(try permissions(folder["private"]) == 0o700)
    try state.write([:])
    #expect(try state.read()?["number"] == nil)
    try file(folder["open.json"], isPrivate: false).write([:])
    #expect(try permissions(folder["open.json"]) == 0o644)
    try state.remove()
    try state.remove()
    #expect(try state.read() == nil)
  }

  @Test(arguments: [
    "", "{}", "[]", "{\"kind\":\"kscmirror test\",\"format\":1", "{\"kind\":\"kscmirror test\",\"format\":1} x",
    "{\"kind\":\"kscmirror test\",\"format\":1,\"format\":1}", "{\"kind\":\"kscmirror other\",\"format\":1}",
    "{\"kind\":\"kscmirror test\"}", "{\"format\":1}", "{\"kind\":\"kscmirror test\",\"format\":\"1\"}",
    "{\"kind\":\"kscmirror test\",\"format\":0}", "{\"kind\":\"kscmirror test\",\"format\":1,\"a\":1.5}",
    "{\"kind\":\"kscmirror test\",\"format\":1,\"a\":\"" + String(repeating: "a", count: 1000) + "\"}",
  ])
  func `anything else is damage, and the error says what is lost and what to do`(_ content: String) throws {
    try Files.makeFolder(folder["private"])
    try Files.replace(path, with: Array(content.utf8))
    let error = #expect(throws: JobError.self) { try file(path).read() }
    #expect(error?.status == .badStore)
    #expect(error?.message.hasPrefix("\(path): what is known of it is damaged (") == true)
    #expect(error?.remedy == "Remove it.")
    #expect(try file(path).readIfIntact() == nil)
    // The next writing mends it.
    try file(path).write([:])
    #expect(try file(path).read() != nil)
  }

  @Test func `a folder or a link in its place is damage, too`() throws {
    try Files.makeFolder(path)
    let error = #expect(throws: JobError.self) { try file(path).read() }
    #expect(error?.status == .badStore)
    let link = folder["link.json"]
    try FileManager.default.createSymbolicLink(atPath: link.string, withDestinationPath: "/etc/passwd")
    let other = #expect(throws: JobError.self) { try file(link).read() }
    #expect(other?.status == .badStore)
  }

  @Test func `a file of a newer version is left as it is, and the error names the newer program`() throws {
    try Files.makeFolder(folder["private"])
    try Files.replace(path, with: Array("{\"kind\":\"kscmirror test\",\"format\":2}".utf8))
    let error = #expect(throws: JobError.self) { try file(path).read() }
    #expect(error?.status == .badStore)
    #expect(error?.message == "\(path) is of format 2, and this kscmirror knows 1")
    #expect(error?.remedy?.contains("newer kscmirror") == true)
  }

  @Test func `what earlier versions wrote without a mark is read where they did so, and nowhere else`() throws {
    let unmarked = folder["old.json"]
    try Files.replace(unmarked, with: Array("{\"full\":7}".utf8))
    #expect(try file(unmarked, wasUnmarked: true).read()?["full"] == 7)
    #expect(throws: JobError.self) { try file(unmarked).read() }
    try Files.replace(unmarked, with: Array("{\"kind\":\"kscmirror test\",\"full\":7}".utf8))
    #expect(try file(unmarked, wasUnmarked: true).read()?["full"] == 7)
    try Files.replace(unmarked, with: Array("{\"kind\":\"kscmirror other\",\"full\":7}".utf8))
    #expect(throws: JobError.self) { try file(unmarked, wasUnmarked: true).read() }
  }

  @Test func `more than a reader takes is not written, and what was there stays`() throws {
    let state = file(path, maximumSize: 100)
    try state.write(["a": 1])
    let error = #expect(throws: JobError.self) {
      try state.write(["a": .string(String(repeating: "a", count: 100))])
    }
    #expect(error?.status == .badStore && error?.message.contains("more than 100 bytes") == true)
    #expect(try state.read()?["a"] == 1)
  }

  @Test func `a value that cannot be made of it is damage`() throws {
    let state = file(path)
    try state.write(["list": .array([1, 2])])
    #expect(try state.read { $0.list("list", \.integer) } == [1, 2])
    try state.write(["list": .array([1, "two"])])
    let error = #expect(throws: JobError.self) { try state.read { $0.list("list", \.integer) } }
    #expect(error?.message == "\(path): what is known of it is damaged")
    #expect(try file(folder["none.json"]).read { $0.list("list", \.integer) } == nil)
  }

  // MARK: - Logs

  private func log(_ path: FilePath) -> StateLog {
    StateLog(path, kind: "kscmirror step", what: "what was done", remedy: "Remove it.", maximumSize: 1000)
  }

  private func numbers(_ path: FilePath) throws -> [Int64] {
    var log = log(path)
    var numbers: [Int64] = []
    try log.read { object in
      guard let number = object["n"]?.integer else { return false }
      numbers.append(number)
      return true
    }
    return numbers
  }

  @Test func `each line is there when the next is added, and a torn end is gone then`() throws {
    let path = folder["private/.log"]
    var first = log(path)
    try first.append(["n": 1], orRewrite: { [] })
    try first.append(["n": 2], orRewrite: { [] })
    #expect(try numbers(path) == [1, 2])
    #expect(first.lines == 2)
    let whole = try Files.read(path, atMost: 1000)
    try Files.replace(path, with: whole + Array("{\"kind\":\"kscmi".utf8))
    #expect(try numbers(path) == [1, 2])
    var next = log(path)
    try next.read { _ in true }
    try next.append(["n": 3], orRewrite: { [["n": 2], ["n": 3]] })
    #expect(try numbers(path) == [2, 3])
    #expect(try permissions(path) == 0o600)
  }

  @Test(arguments: ["x\n", "{\"kind\":\"other\",\"n\":1}\n", "{\"kind\":\"kscmirror step\"}\n"])
  func `a line that nobody has written is damage`(_ line: String) throws {
    let path = folder[".log"]
    try Files.replace(path, with: Array(("{\"kind\":\"kscmirror step\",\"n\":1}\n" + line).utf8))
    let error = #expect(throws: JobError.self) { try numbers(path) }
    #expect(error?.status == .badStore)
    #expect(error?.message == "\(path): what was done is damaged (in line 2)")
    #expect(error?.remedy == "Remove it.")
  }
}
