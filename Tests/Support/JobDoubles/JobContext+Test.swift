import JobCore
import MirrorConfiguration
import SystemPackage

extension JobContext {
  /// A context of a store, with the defaults but for what `configure` changes. Nothing is by chance, and there is no
  /// network.
  package static func test(
    _ store: FilePath,
    _ reporter: any JobReporter = Told(),
    clock: HandClock = HandClock(),
    transports: Transports = .none,
    prompts: SecretPrompts = SecretPrompts(),
    _ configure: (inout Configuration) -> Void = { _ in }
  ) -> JobContext {
    var configuration = Configuration(store: store)
    configure(&configuration)
    return JobContext(
      configuration,
      clock: clock.clock,
      randomness: .counting,
      transports: transports,
      prompts: prompts,
      reporter: reporter
    )
  }
}
