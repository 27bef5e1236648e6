import TestSupport
import Testing

@testable import Trust

/// Backups are sealed with a pass phrase: all of one comes back, or nothing is believed.
@Suite struct BackupSealingTests {
  private static let phrase = "four words of a test"

  /// A backup of these bytes, sealed cheaply.
  private static func sealed(_ content: [UInt8]) throws -> [UInt8] {
    var sealer = try BackupSealer(passphrase: phrase, cost: 2)
    var file = sealer.beginning
    // In pieces that fit nothing.
    for start in stride(from: 0, to: content.count, by: 300_007) {
      try content[start..<min(start + 300_007, content.count)].withUnsafeBytes { bytes in
        try sealer.seal(bytes) { file += $0 }
      }
    }
    try sealer.finish { file += $0 }
    return file
  }

  private static func opened(_ file: [UInt8], _ phrase: String = phrase) throws -> [UInt8] {
    let beginning = Array(file.prefix(BackupOpener.beginningSize))
    var opener = try BackupOpener(beginning, size: Int64(file.count)) { phrase }
    var (content, rest): ([UInt8], ArraySlice<UInt8>) = ([], file.dropFirst(beginning.count))
    while let size = opener.nextSize {
      content += try opener.open(Array(rest.prefix(size)))
      rest = rest.dropFirst(size)
    }
    return content
  }

  @Test(arguments: [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 2_500_000])
  func `what was sealed comes back, whatever its size`(_ count: Int) throws {
    let content = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    let file = try Self.sealed(content)
    #expect(try Self.opened(file) == content)
    #expect(BackupOpener.isBackup(file) && !BackupOpener.isBackup(file.dropFirst()))
  }

  @Test func `a wrong pass phrase is distinguished from content that was altered`() throws {
    let file = try Self.sealed([1, 2, 3])
    #expect(throws: BackupOpener.Problem.wrongPassphrase) { try Self.opened(file, "other words of a test") }
    #expect(throws: BackupOpener.Problem.altered) { try Self.opened(Array(file.dropLast())) }
    #expect(throws: BackupOpener.Problem.none) { try Self.opened(Array("no backup".utf8)) }
    #expect(throws: BackupOpener.Problem.altered) { try Self.opened(Array(file.prefix(BackupOpener.beginningSize))) }
    #expect(throws: KeyError.emptyPassphrase) { try BackupSealer(passphrase: "", cost: 2) }
  }

  @Test func `no backup is believed that was changed, cut at a chunk, or put together from others`() throws {
    let content = [UInt8](repeating: 7, count: (2 << 20) + 10)
    let file = try Self.sealed(content)
    let (head, chunk) = (BackupOpener.beginningSize, (1 << 20) + 16)
    // Every byte of the beginning but the mark is looked at by the proof, and each chunk by its own tag.
    for place in Array(19..<head) + [head, head + chunk - 1, head + chunk, file.count - 1] {
      var changed = file
      changed[place] ^= 1
      #expect(throws: (any Error).self, "byte \(place)") { try Self.opened(changed) }
    }
    #expect(throws: BackupOpener.Problem.altered) { try Self.opened(Array(file.prefix(head + 2 * chunk))) }
    var swapped = file
    swapped.replaceSubrange(head..<(head + chunk), with: file[(head + chunk)..<(head + 2 * chunk)])
    #expect(throws: BackupOpener.Problem.altered) { try Self.opened(swapped) }
    let other = try Self.sealed(content)
    #expect(throws: (any Error).self) { try Self.opened(Array(file.prefix(head)) + other.dropFirst(head)) }
  }

  @Test func `nothing that was changed at random is opened`() throws {
    let file = try Self.sealed(Array("a small backup".utf8))
    for round in Fuzz.rounds("backups", 200) {
      var generator = round.random
      var changed = file
      // A changed cost alone could take a gibibyte.
      let place = Int.random(in: 20..<changed.count, using: &generator)
      changed[place] ^= UInt8.random(in: 1...255, using: &generator)
      #expect(throws: (any Error).self, "\(round)") { try Self.opened(changed) }
    }
  }
}
