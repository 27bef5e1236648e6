import SystemPackage

/// What somebody has said by options: whatever is not said is asked, or taken as it is usual.
package struct SetupWishes: Sendable {
  /// The side.
  package var side: SetupAnswers.Side
  /// See ``SetupAnswers``.
  package var store: FilePath?
  package var site: String?
  package var output: FilePath?
  package var products: [String] = []
  package var components: [String] = []
  package var servers: [String] = []
  package var authorities: FilePath?
  package var proxy: String?
  /// Whether timers are switched on; `nil`: asked for, and not done where nobody is there.
  package var timer: Bool?
  /// A file with the vendor's catalogue of products, in the place of the servers' one.
  package var catalogue: FilePath?
  /// The configuration's file.
  package var file: FilePath
  /// Whether a configuration that is there is written over; `nil`: asked for.
  package var replaces: Bool?
  /// Whether keys are made.
  package var makesKeys = true
  /// Where the root key goes; `nil`: into the store.
  package var rootKey: FilePath?
  /// Whether nothing is changed.
  package var dryRun = false

  /// The wishes of somebody who has said nothing but the side and the configuration's file.
  package init(_ side: SetupAnswers.Side, file: FilePath) {
    self.side = side
    self.file = file
  }
}
