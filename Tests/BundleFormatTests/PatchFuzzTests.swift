import MirrorTypes
import TestSupport
import Testing
import Unpacking

@testable import BundleFormat

/// Changes patches, their lists and frames at random: see `Fuzz`.
@Suite struct PatchFuzzTests {
  private static let mutator = Mutator([], longest: 200, mostChanges: 4)

  private static func bytes(_ count: Int, _ random: inout SeededGenerator) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...15, using: &random) }
  }

  @Test func `a changed patch makes other bytes or is refused, and never more than was allowed`() throws {
    var random = SeededGenerator(0x2A7C)
    let old = Self.bytes(6000, &random)
    let new = Array(old[1000..<4000]) + Self.bytes(500, &random) + Array(old[..<2000])
    let frame = try ZstdPatcher(level: 3).compress(new, against: old)
    let applier = try PatchApplier()
    #expect(try applier.apply(frame, to: old, atMost: new.count) == new)
    var refused = 0
    for round in Fuzz.rounds("patches", 2000) {
      var (changed, random) = (frame, round.random)
      changed = Self.mutator.changed(changed, &random)
      let limit = Int.random(in: 0...(2 * new.count), using: &random)
      do throws(PatchApplier.Failure) {
        let made = try applier.apply(changed, to: old, atMost: limit)
        #expect(made.count <= limit, "\(round)")
      } catch {
        refused += 1
        // A crash would be its own error, and the process would be gone.
        if case .process(let cause) = error { Issue.record("\(round): \(cause)") }
      }
    }
    #expect(refused > 0)
    #expect(try applier.apply(frame, to: old, atMost: new.count) == new)
  }

  @Test func `changed frames are unpacked or refused, whatever they claim`() throws {
    var random = SeededGenerator(0xF2A)
    let frame = try ZstdPatcher(level: 3).compress(Self.bytes(20_000, &random), against: [])
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
    defer { room.deallocate() }
    for round in Fuzz.rounds("zstd frames", 150) {
      var (changed, random) = (frame + frame, round.random)
      changed = Self.mutator.changed(changed, &random)
      var isGiven = false
      try changed.withUnsafeBytes { bytes in
        let frames = try FrameUnpacker {
          defer { isGiven = true }
          return isGiven ? UnsafeRawBufferPointer(rebasing: bytes[..<0]) : bytes
        }
        do {
          while try frames.read(into: room) > 0 {}
        } catch is FrameUnpacker.Problem {}
      }
    }
  }

  @Test func `a changed list of a patch names files inside the tree only, and stretches that add up`() throws {
    let text = """
      base updates/kdb/kdb001.kdc
      base-part 16777216 8388608 packages/setup.exe
      file updates/kdb/kdb001.kdc
      part 0 4096 updates/kdb/kdb002.kdc

      """
    let mutator = Mutator(["../", "//", "-1 ", "9223372036854775807 ", "part ", "\n", "\u{0}"])
    let original = Array(text.utf8)
    #expect(PatchList(parsing: original)?.text == original)
    var (read, refused) = (0, 0)
    for round in Fuzz.rounds("lists of patches", 3000) {
      var (changed, random) = (original, round.random)
      changed = mutator.changed(changed, &random)
      guard let list = PatchList(parsing: changed) else {
        refused += 1
        continue
      }
      read += 1
      for line in list.bases + list.objects {
        let parts = line.path.string.split(separator: "/", omittingEmptySubsequences: false)
        #expect(!parts.contains { ["", ".", ".."].contains($0) }, "\(round)")
        #expect(line.stretch.map { $0.lowerBound >= 0 && !$0.isEmpty } ?? true, "\(round)")
      }
      #expect(PatchList(parsing: list.text)?.text == list.text, "\(round)")
    }
    #expect(read > 0 && refused > read)
  }
}
