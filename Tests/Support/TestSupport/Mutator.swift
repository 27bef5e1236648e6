/// Changes bytes at random, the same way for the same random numbers: what all tests of readers with changed input share.
package struct Mutator: Sendable {
  private let pieces: [[UInt8]]
  private let longest: Int
  private let mostChanges: Int
  private let changesDigits: Bool

  /// A mutator.
  ///
  /// - Parameters:
  ///   - pieces: what matters to the format, to be put in where it does not belong.
  ///   - longest: how many bytes are taken out or doubled at once at the most.
  ///   - mostChanges: how many changes an input gets at the most.
  ///   - changesDigits: whether bytes become digits, too.
  package init(_ pieces: [String], longest: Int = 40, mostChanges: Int = 3, changesDigits: Bool = false) {
    self.pieces = pieces.map { Array($0.utf8) }
    self.longest = longest
    self.mostChanges = mostChanges
    self.changesDigits = changesDigits
  }

  /// The bytes with one to some changes.
  package func changed(_ original: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    var bytes = original
    for _ in 0..<Int.random(in: 1...mostChanges, using: &random) where !bytes.isEmpty {
      let start = Int.random(in: 0..<bytes.count, using: &random)
      let end = min(bytes.count, start + Int.random(in: 1...longest, using: &random))
      switch Int.random(in: 0..<(changesDigits ? 6 : 5), using: &random) {
      case 0: bytes[start] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: bytes[start] = UInt8.random(in: .min ... .max, using: &random)
      case 2: bytes.removeSubrange(start..<end)
      case 3: bytes.insert(contentsOf: bytes[start..<end], at: Int.random(in: 0...bytes.count, using: &random))
      case 4: bytes.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: start)
      default: bytes[start] = UInt8(ascii: "0") + UInt8.random(in: 0..<10, using: &random)
      }
    }
    return bytes
  }
}
