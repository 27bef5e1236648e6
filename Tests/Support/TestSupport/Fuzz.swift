import Foundation

/// Loops that try inputs changed at random: short in every run of the tests, and as long as `Mirror/fuzz` wants them.
///
/// `KSCMIRROR_FUZZ` says how many inputs each loop tries; `KSCMIRROR_FUZZ_SECONDS`, how long each goes on instead, with other
/// inputs in every run. A round that fails is found again by `KSCMIRROR_FUZZ_SEED` and its number.
package enum Fuzz {
  private static let environment = ProcessInfo.processInfo.environment

  /// How many inputs a loop tries that is bounded by their number.
  package static func count(otherwise usual: Int) -> Int {
    environment["KSCMIRROR_FUZZ"].flatMap { Int($0) } ?? usual
  }

  /// The rounds of a loop.
  ///
  /// - Parameters:
  ///   - name: what is tried, for the count at the end.
  ///   - usual: how many there are when nothing else is wanted.
  ///   - parts: how many loops that are alike have the time of one.
  package static func rounds(_ name: String, _ usual: Int, parts: Int = 1) -> Rounds {
    Rounds(name: name, usual: usual, parts: parts)
  }

  /// One try.
  package struct Round: Sendable, CustomStringConvertible {
    /// Its number, from 0 on.
    package let number: Int
    fileprivate let seed: UInt64

    /// A generator of its own, the same whenever this round is tried again.
    package var random: SeededGenerator { random(of: 0) }

    /// The same for one of several loops that are alike.
    package func random(of part: Int) -> SeededGenerator {
      var mixed = SeededGenerator(seed ^ UInt64(number) &* 0xD134_2543_DE82_EF95 ^ UInt64(part) << 32)
      return SeededGenerator(mixed.next())
    }

    /// How it is found again.
    package var description: String { "round \(number), KSCMIRROR_FUZZ_SEED=\(seed)" }
  }

  /// See ``Fuzz/rounds(_:_:)``.
  package struct Rounds: Sequence, IteratorProtocol {
    private let name: String
    private let count: Int
    private let end: ContinuousClock.Instant?
    private let seed: UInt64
    private var done = 0

    fileprivate init(name: String, usual: Int, parts: Int) {
      self.name = name
      let seconds = environment["KSCMIRROR_FUZZ_SECONDS"].flatMap { Int($0) }.map { Swift.max(1, $0 / parts) }
      end = seconds.map { ContinuousClock.now + .seconds($0) }
      count = seconds == nil ? Fuzz.count(otherwise: usual) : .max
      let other = seconds == nil ? 1 : UInt64.random(in: 1...UInt64(UInt32.max))
      seed = environment["KSCMIRROR_FUZZ_SEED"].flatMap { UInt64($0) } ?? other
      if seconds != nil { tell("begins") }
    }

    /// To standard error, which is not held back when the process crashes.
    private func tell(_ what: String) {
      FileHandle.standardError.write(Data("fuzz: \(name): \(what), seed \(seed)\n".utf8))
    }

    package mutating func next() -> Round? {
      guard done < count, end.map({ ContinuousClock.now < $0 }) ?? true else {
        if end != nil { tell("\(done) rounds") }
        return nil
      }
      done += 1
      return Round(number: done - 1, seed: seed)
    }
  }
}
