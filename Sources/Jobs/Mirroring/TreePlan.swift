import ContentStore
import Demand
import JobCore
import MirrorConfiguration
import MirrorTypes
import StoreTrust
import UpdateIndex

/// Which indexes a source begins with and what of them it takes: the configuration, with products looked up.
package struct TreePlan: Sendable {
  /// The primary indexes.
  package let primaries: [TreePath]
  /// What is taken.
  let selection: Selection
  /// Whether sites have said what is taken.
  private let isReported: Bool

  /// A text that changes when anything changes that decides which files are mirrored.
  var fingerprint: String {
    let parts: [[String]] = [
      ["selection 1"], primaries.map(\.string), selection.components, selection.applications,
      selection.operatingSystems, selection.architectures, selection.languages, [selection.patches ? "patches" : ""],
    ]
    let text = parts.map { $0.joined(separator: "\u{1F}") }.joined(separator: "\u{1E}")
    guard isReported else { return text }
    // It is noted in snapshots, which travel: no site should read there what others have.
    return "reported " + ObjectDigest.sha256(of: text.utf8).hex
  }

  /// The plan as snapshots note it; `nil` where sites have said what is taken: snapshots travel.
  var noted: NotedSelection? { isReported ? nil : NotedSelection(primaries: primaries, selection) }

  /// Takes the configuration as it is: for a source that names no products.
  package init(_ tree: UpdateTreeSource) throws {
    try self.init(tree, primaries: try Self.primaries(of: tree), components: tree.components)
  }

  /// Takes the configuration with its products looked up in the vendor's catalogue.
  init(_ tree: UpdateTreeSource, catalogue: ProductCatalogue) throws {
    let chosen = try catalogue.selection(for: tree.products)
    let components = tree.components + chosen.components
    let primaries =
      tree.indexes.isEmpty ? PrimaryIndexes.walked(from: chosen.primaries, components: components) : tree.indexes
    try self.init(tree, primaries: primaries, components: components)
  }

  /// Takes the configuration with what sites have reported.
  init(_ tree: UpdateTreeSource, demand: DemandPlan) throws {
    var tree = tree
    tree.applications = demand.applications
    try self.init(tree, primaries: demand.primaries, components: demand.components, isReported: true)
  }

  private init(
    _ tree: UpdateTreeSource,
    primaries: [TreePath],
    components: [String],
    isReported: Bool = false
  ) throws {
    self.primaries = tree.metaIndexes ? PrimaryIndexes.withMeta(primaries) : primaries
    self.isReported = isReported
    let carrying = tree.metaIndexes && !components.isEmpty ? PrimaryIndexes.carryingComponents : []
    do {
      selection = try Selection(
        components: components + carrying.filter { !components.contains($0) },
        applications: tree.applications,
        operatingSystems: tree.operatingSystems,
        architectures: tree.architectures,
        languages: tree.languages,
        patches: tree.patches
      )
    } catch {
      throw JobError(.configuration, "\(error)")
    }
  }

  private static func primaries(of tree: UpdateTreeSource) throws -> [TreePath] {
    guard tree.indexes.isEmpty else { return tree.indexes }
    return try UpdateTreeSource.defaultIndexes.map { try TreePath($0) }
  }
}
