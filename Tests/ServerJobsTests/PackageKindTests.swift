import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import ServerJobs

/// Installers are what their bytes say, whatever somebody has called them or hidden in them.
@Suite struct PackageKindTests {
  private let folder = TemporaryFolder()

  private func inspect(_ bytes: [UInt8]) throws -> PackageInspection {
    let file = folder["\(UInt64.random(in: 0...UInt64.max))"]
    try Data(bytes).write(to: URL(fileURLWithPath: file.string))
    return try PackageInspection(file)
  }

  /// An archive of small files, as a program of others makes it.
  private func archive(_ names: [String], _ command: [String]) throws -> [UInt8] {
    let tree = TemporaryFolder()
    for name in names {
      let place = tree[name]
      try FileManager.default.createDirectory(
        atPath: place.removingLastComponent().string,
        withIntermediateDirectories: true
      )
      try Data("[Setup]\n".utf8).write(to: URL(fileURLWithPath: place.string))
    }
    let words = command.map { $0 == "OUT" ? folder["archive"].string : $0 == "IN" ? tree.path.string : $0 }
    _ = try Command.run(words[0], Array(words.dropFirst()))
    return Array(try Data(contentsOf: URL(fileURLWithPath: folder["archive"].string)))
  }

  /// First bytes, as text and behind so many zeros, and what they mean.
  private static let heads: [(String, [UInt8], PackageKind)] = [
    ("!<arch>\ndebian-binary   ", [], .deb), ("", [0xED, 0xAB, 0xEE, 0xDB, 3, 0], .rpm), ("MZ", [], .exe),
    ("", [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], .msi), ("#!/bin/sh\n", [], .script),
    ("PK\u{3}\u{4}", [0], .zip), ("MSCF\0\0\0\0", [], .cab), ("", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], .xz),
    ("BZh9", [], .bzip2), ("", [0x28, 0xB5, 0x2F, 0xFD], .zstd), ("7z", [0xBC, 0xAF, 0x27, 0x1C], .sevenZip),
    ("Rar!\u{1A}\u{7}", [], .rar), ("", [0x1F, 0x8B, 8, 0], .gzip), ("", [], .other), ("", [0], .other),
    ("!<arch>\nlib.o", [], .other), (String(repeating: "\0", count: 257) + "ustar", [], .tar),
  ]

  @Test func `what it is stands in its first bytes`() throws {
    for (text, rest, kind) in Self.heads {
      let bytes = Array(text.utf8) + rest
      #expect(try inspect(bytes).kind == kind, "\(text.debugDescription) \(rest)")
      for length in 0...min(bytes.count, 30) { _ = try inspect(Array(bytes.prefix(length))) }
    }
  }

  @Test func `the vendor's description is found outermost, and nowhere else`() throws {
    let tar = ["tar", "-cf", "OUT", "-C", "IN", "."]
    let found = try inspect(try archive(["setup.sh", "kesl.KPD", "deep/other.kud"], tar))
    #expect(found.kind == .tar && found.description == "kesl.KPD")
    let packed = try inspect(try archive(["a.kud", "z.kpd"], ["tar", "-czf", "OUT", "-C", "IN", "."]))
    #expect(packed.kind == .tarGzip && packed.description == "z.kpd")
    let hidden = try inspect(try archive(["deep/other.kpd", "install.sh"], tar))
    #expect(hidden.kind == .tar && hidden.description == nil)
  }

  @Test func `a tar archive that is cut, flipped or only zeros is looked at and no more`() throws {
    let whole = try archive(["setup.sh", "kesl.kpd"], ["tar", "-czf", "OUT", "-C", "IN", "."])
    var generator = SystemRandomNumberGenerator()
    for length in stride(from: 0, to: whole.count, by: 3) { _ = try inspect(Array(whole.prefix(length))) }
    for _ in 0..<200 {
      var bytes = whole
      bytes[Int.random(in: 3..<bytes.count, using: &generator)] ^= UInt8.random(in: 1...255, using: &generator)
      _ = try inspect(bytes)
    }
  }

  @Test func `a bomb costs a moment, and what lies behind it is not seen`() throws {
    let tree = TemporaryFolder()
    let line =
      "truncate -s 600M '\(tree["a"])'; echo x > '\(tree["z.kpd"])'; cd '\(tree.path)'"
      + " && tar --sort=name -cf - a z.kpd | gzip -1 > '\(folder["bomb"])'"
    _ = try Command.run("sh", ["-c", line])
    let begin = ContinuousClock.now
    let found = try PackageInspection(folder["bomb"])
    #expect(found.kind == .tarGzip && found.description == nil)
    #expect(ContinuousClock.now - begin < .seconds(60))
  }

  @Test func `a signature inside is seen, and places outside of the file are not followed`() throws {
    func member(_ name: String, _ size: String) -> [UInt8] {
      Array(
        (name.padding(toLength: 48, withPad: " ", startingAt: 0)
          + size.padding(toLength: 10, withPad: " ", startingAt: 0) + "`\n").utf8
      )
    }
    let head = Array("!<arch>\n".utf8) + member("debian-binary", "4") + Array("2.0\n".utf8)
    #expect(try inspect(head + member("_gpgorigin", "2") + [0, 0]).signature == .present)
    #expect(try inspect(head + member("data.tar", "2") + [0, 0]).signature == PackageInspection.EmbeddedSignature.none)
    for size in ["-1", "9999999999", "9223372036", "x", ""] {
      #expect(try inspect(head + member("data.tar", size)).signature == PackageInspection.EmbeddedSignature.none)
    }
    var program = [UInt8](repeating: 0, count: 512)
    program.replaceSubrange(0..<2, with: Array("MZ".utf8))
    program[0x3C] = 0x80
    program.replaceSubrange(0x80..<0x84, with: [0x50, 0x45, 0, 0])
    program.replaceSubrange(0x98..<0x9A, with: [0x0B, 0x02])
    program[0x80 + 24 + 108] = 16
    let place = 0x80 + 24 + 112 + 32
    #expect(try inspect(program).signature == PackageInspection.EmbeddedSignature.none)
    program.replaceSubrange(place..<place + 8, with: [0x80, 1, 0, 0, 64, 0, 0, 0])
    #expect(try inspect(program).signature == .present)
    program.replaceSubrange(place..<place + 8, with: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
    #expect(try inspect(program).signature == PackageInspection.EmbeddedSignature.none)
    program.replaceSubrange(0x3C..<0x40, with: [0xFF, 0xFF, 0xFF, 0xFF])
    #expect(try inspect(program).signature == PackageInspection.EmbeddedSignature.none)
    var rpm = [UInt8](repeating: 0, count: 128)
    rpm.replaceSubrange(0..<4, with: [0xED, 0xAB, 0xEE, 0xDB])
    rpm.replaceSubrange(96..<108, with: [0x8E, 0xAD, 0xE8, 1, 0, 0, 0, 0, 0, 0, 0, 1])
    rpm.replaceSubrange(112..<116, with: [0, 0, 1, 12])
    #expect(try inspect(rpm).signature == .present)
    rpm[115] = 13
    #expect(try inspect(rpm).signature == PackageInspection.EmbeddedSignature.none)
    rpm.replaceSubrange(104..<108, with: [0xFF, 0xFF, 0xFF, 0xFF])
    #expect(try inspect(rpm).signature == PackageInspection.EmbeddedSignature.none)
  }
}
