import Catalogue
import ContentStore
import Crypto
import FileSystem
import Foundation
import Glibc
import MirrorTypes
import StoreFixtures
import SystemPackage
import TestSupport
import Testing

@Suite struct ObjectTests {
  let fixture = StoreFixture()

  private func bytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var generator = SeededGenerator(seed)
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }

  private func digest(_ bytes: [UInt8]) -> ObjectDigest? { ObjectDigest(bytes: SHA256.hash(data: bytes)) }

  @Test(arguments: [0, 1, 65_535, 65_536, 65_537, 300_000])
  func `an object of any size comes back byte for byte, read-only, under its SHA-256`(count: Int) throws {
    let store = try fixture.open()
    let content = bytes(count)
    let writer = try store.writer()
    var rest = content[...]
    while !rest.isEmpty {
      try Array(rest.prefix(16_001)).withUnsafeBytes { try writer.append($0) }
      rest = rest.dropFirst(16_001)
    }
    #expect(writer.offset == Int64(count))
    let object = try writer.finish()
    #expect(object.digest == digest(content))
    #expect(object.size == Int64(count))
    #expect(object.isNew)
    let path = store.path(of: object.digest)
    #expect(try Files.read(path, atMost: 1 << 20) == content)
    #expect(try Files.status(path)?.permissions == 0o444)
    #expect(path.removingLastComponent().lastComponent?.string == String(object.digest.hex.prefix(2)))
    #expect(try fixture.names("partial").isEmpty)
  }

  @Test(arguments: [10, 100_000])
  func `the same bytes are kept once`(count: Int) throws {
    let store = try fixture.open()
    let first = try store.put(bytes(count))
    let inode = try Files.status(store.path(of: first.digest))?.inode
    let second = try store.put(bytes(count))
    #expect(!second.isNew)
    try store.commitObjects()
    #expect(try !store.put(bytes(count)).isNew)
    try store.commitObjects()
    #expect(try Files.status(store.path(of: first.digest))?.inode == inode)
    #expect(try fixture.names("partial").isEmpty)
    #expect(try store.verify().objects == 1)
  }

  @Test func `a finished object is there at once, and after its commit also the next time`() throws {
    do {
      let store = try fixture.open()
      let object = try store.put("a").digest
      #expect(try store.contains(object))
      try store.commitObjects()
      #expect(try store.contains(object))
    }
    let store = try fixture.openForReading()
    #expect(try store.contains(try #require(digest(Array("a".utf8)))))
    #expect(try !store.contains(try #require(digest(Array("b".utf8)))))
  }

  @Test func `a writer starts over`() throws {
    let store = try fixture.open()
    for count in [10, 100_000] {
      let writer = try store.writer()
      try bytes(count, seed: 2).withUnsafeBytes { try writer.append($0) }
      try writer.restart()
      #expect(writer.offset == 0)
      try Array("good".utf8).withUnsafeBytes { try writer.append($0) }
      #expect(try writer.finish().digest == digest(Array("good".utf8)))
      #expect(throws: StoreError.writerClosed) { try writer.finish() }
      #expect(throws: StoreError.writerClosed) { try [1 as UInt8].withUnsafeBytes { try writer.append($0) } }
    }
    #expect(try fixture.names("partial").isEmpty)
  }

  @Test func `an abandoned or dropped object leaves nothing`() throws {
    let store = try fixture.open()
    for count in [10, 2_000_000] {
      let writer = try store.writer()
      try bytes(count).withUnsafeBytes { try writer.append($0) }
      writer.abandon()
      writer.abandon()
      do {
        let dropped = try store.writer(resuming: count == 10 ? "key" : nil)
        try bytes(count).withUnsafeBytes { try dropped.append($0) }
      }
    }
    #expect(try fixture.names("partial").isEmpty)
    #expect(try store.verify().unlisted == 0)
  }

  @Test func `a large object with a key goes on where the last process stopped`() throws {
    let content = bytes(3_000_000)
    do {
      let store = try fixture.open()
      let writer = try store.writer(resuming: "https://s00.example/base.avc \"etag\"")
      try content[..<2_000_000].withUnsafeBytes { try writer.append($0) }
      writer.abandon()
    }
    let store = try fixture.open()
    #expect(store.repairs.resumable == 1)
    #expect(store.repairs.isEmpty)
    #expect(try store.writer(resuming: "another").offset == 0)
    let writer = try store.writer(resuming: "https://s00.example/base.avc \"etag\"")
    #expect(writer.offset == 2_000_000)
    try content[2_000_000...].withUnsafeBytes { try writer.append($0) }
    #expect(try writer.finish().digest == digest(content))
    #expect(try fixture.names("partial").isEmpty)
  }

  @Test func `a resumed object starts over when the server has another`() throws {
    let store = try fixture.open()
    let writer = try store.writer(resuming: "key")
    try bytes(2_000_000).withUnsafeBytes { try writer.append($0) }
    writer.abandon()
    let again = try store.writer(resuming: "key")
    try again.restart()
    try Array("new".utf8).withUnsafeBytes { try again.append($0) }
    #expect(try again.finish().digest == digest(Array("new".utf8)))
    #expect(try fixture.names("partial").isEmpty)
  }

  @Test func `what the server said of a large object is kept beside it, and goes with it`() throws {
    func begin(_ store: ContentStore, _ count: Int, tag: String?) throws -> ObjectWriter {
      let writer = try store.writer(resuming: "key")
      writer.note(tag: tag)
      try bytes(count).withUnsafeBytes { try writer.append($0) }
      return writer
    }
    do {
      let store = try fixture.open()
      #expect(try store.writer(resuming: "key").tag == nil)
      try begin(store, 2_000_000, tag: "\"v1\"").abandon()
    }
    do {
      let store = try fixture.open()
      let writer = try store.writer(resuming: "key")
      #expect(writer.tag == "\"v1\"" && writer.offset == 2_000_000)
      try writer.restart()
      #expect(writer.tag == nil)
      #expect(try fixture.names("partial").isEmpty)
      // Too little to be kept, or not trusted: nothing stays.
      writer.abandon()
      try begin(store, 500_000, tag: "\"v2\"").abandon()
      try begin(store, 2_000_000, tag: "\"v2\"").abandon(isDistrusted: true)
      #expect(try fixture.names("partial").isEmpty)
      try begin(store, 2_000_000, tag: "\"v2\"").abandon()
    }
    let store = try fixture.open()
    #expect(store.repairs.resumable == 1)
    try store.forgetPartials()
    #expect(try fixture.names("partial").isEmpty)
  }

  @Test func `beginnings that are too old, or too many, are removed`() throws {
    func file(_ number: Int, age: Int) throws {
      let digits = String(number, radix: 16)
      let name = String(repeating: "0", count: 32 - digits.count) + digits
      for suffix in ["kept", "tag"] {
        let path = fixture.root.appending("partial").appending("\(name).\(suffix)")
        var file = try OutputFile(path)
        if suffix == "kept" { try file.write([UInt8](repeating: 1, count: 1 << 20)) }
        try file.close()
        let time = timespec(tv_sec: time(nil) - age, tv_nsec: 0)
        #expect(utimensat(AT_FDCWD, path.string, [time, time], 0) == 0)
      }
    }
    _ = try fixture.open()
    for number in 0..<70 { try file(number, age: number) }
    try file(100, age: 8 * 86_400)
    let store = try fixture.open()
    #expect(store.repairs.resumable == 64)
    #expect(try fixture.names("partial").count == 128)
    #expect(try fixture.names("partial").allSatisfy { Int($0.prefix(32), radix: 16) ?? 100 < 64 })
  }

  @Test func `two writers with one key do not get in each other's way`() throws {
    let store = try fixture.open()
    let first = try store.writer(resuming: "key")
    let second = try store.writer(resuming: "key")
    try bytes(2_000_000, seed: 1).withUnsafeBytes { try first.append($0) }
    try bytes(2_000_000, seed: 2).withUnsafeBytes { try second.append($0) }
    #expect(try second.finish().digest == digest(bytes(2_000_000, seed: 2)))
    #expect(try first.finish().digest == digest(bytes(2_000_000, seed: 1)))
    // The key is free again.
    let third = try store.writer(resuming: "key")
    try bytes(2_000_000, seed: 3).withUnsafeBytes { try third.append($0) }
    third.abandon()
    #expect(try store.writer(resuming: "key").offset == 2_000_000)
  }

  @Test func `many threads finish objects while others commit`() async throws {
    let store = try fixture.open()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for thread in 0..<4 {
        group.addTask {
          for number in 0..<200 {
            // Half of them are the same on all threads.
            try store.put(number % 2 == 0 ? "object \(number)" : "object \(number) of \(thread)")
            if number % 50 == thread { try store.commitObjects() }
          }
        }
      }
      try await group.waitForAll()
    }
    try store.commitObjects()
    let report = try store.verify()
    #expect(report.isClean)
    #expect(report.objects == 500)
    #expect(report.unlisted == 0)
    #expect(try !fixture.names("").contains("unsettled"))
  }
}
