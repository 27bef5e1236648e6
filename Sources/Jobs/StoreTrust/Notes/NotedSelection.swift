import MirrorTypes
import UpdateIndex

/// The selection that a source of a snapshot was mirrored by, as the snapshot notes it.
package struct NotedSelection: Codable, Sendable, Hashable {
  package var primaries: [String] = []
  var components: [String] = []
  var applications: [String] = []
  var operatingSystems: [String] = []
  var architectures: [String] = []
  var languages: [String] = []
  var patches = false
}

extension NotedSelection {
  package init(primaries: [TreePath], _ selection: Selection) {
    self.init(
      primaries: primaries.map(\.string),
      components: selection.components,
      applications: selection.applications,
      operatingSystems: selection.operatingSystems,
      architectures: selection.architectures,
      languages: selection.languages,
      patches: selection.patches
    )
  }

  /// Whether nothing was left out but application patches: then the indexes of the snapshot are all that there are.
  package var isWhole: Bool {
    (components + applications + operatingSystems + architectures + languages).isEmpty
  }

  /// The selection itself; `nil` where what is noted is none, since notes come from elsewhere too.
  package var selection: Selection? {
    try? Selection(
      components: components,
      applications: applications,
      operatingSystems: operatingSystems,
      architectures: architectures,
      languages: languages,
      patches: patches
    )
  }
}
