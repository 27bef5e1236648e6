import SetupPlan
import StoreTrust

/// What a setup did, or in a dry run would do.
package struct SetupReport: Sendable, Encodable {
  /// The side.
  package let side: SetupAnswers.Side
  /// The configuration's file.
  package let configuration: String
  /// What is in it.
  package let text: String
  /// Whether it was written; not so in a dry run.
  package internal(set) var isWritten = false
  /// The store's folder.
  package let store: String
  /// The name of an isolated site.
  package let site: String?
  /// The folder that bundles are written to.
  package let output: String?
  /// The products that were chosen; empty: all.
  package let products: [String]
  /// The components that were chosen; empty: those of the products, or all.
  package let components: [String]
  /// The keys; `nil` where there are none, as on an isolated server and in a dry run.
  package internal(set) var keys: KeysReport?
  /// Whether the keys were made by this run.
  package internal(set) var madeKeys = false
  /// Units of systemd that were written.
  package internal(set) var dropIns: [String] = []
  /// Timers that were switched on.
  package internal(set) var timers: [String] = []
  /// The commands that come next, on this host.
  package internal(set) var next: [String] = []

  init(_ answers: SetupAnswers, file: String, text: String) {
    side = answers.side
    configuration = file
    self.text = text
    store = answers.store.string
    site = answers.site
    output = answers.output?.string
    products = answers.products
    components = answers.components
  }
}
