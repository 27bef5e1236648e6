/// What jobs choose by lot: samples, and names that nobody else has.
///
/// Keys are not made with it. They come from the operating system, and nothing else can be put in its place.
package struct Randomness: RandomNumberGenerator, Sendable {
  private let draw: @Sendable () -> UInt64

  /// Numbers that `draw` returns.
  package init(_ draw: @escaping @Sendable () -> UInt64) { self.draw = draw }

  /// This host's.
  package static let system = Randomness { UInt64.random(in: .min ... .max) }

  package func next() -> UInt64 { draw() }
}
