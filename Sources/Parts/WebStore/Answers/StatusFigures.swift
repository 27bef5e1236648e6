import MirrorTypes

extension PrometheusText {
  /// What is published, how old it is, and how the last run ended.
  package mutating func store(_ status: WebStatus) {
    if let release = status.release {
      let gauges: [(String, String, Int64)] = [
        ("kscmirror_release_number", "The release that is served.", Int64(release.number)),
        ("kscmirror_release_created_seconds", "When its snapshot was made.", release.created.seconds),
        ("kscmirror_release_published_seconds", "When it was published here.", release.published.seconds),
        ("kscmirror_release_files", "Its files.", Int64(release.files)),
        ("kscmirror_release_bytes", "Their bytes.", release.bytes),
      ]
      for (name, help, value) in gauges {
        family(name, "gauge", help)
        sample(name, value)
      }
    }
    age(status)
    guard let run = status.lastRun else { return }
    family("kscmirror_last_run_finished_seconds", "gauge", "When the last import or sync ended.")
    sample("kscmirror_last_run_finished_seconds", [("job", run.job)], run.finished.seconds)
    family("kscmirror_last_run_succeeded", "gauge", "Whether it succeeded.")
    sample("kscmirror_last_run_succeeded", [("job", run.job)], run.succeeded ? 1 : 0)
  }

  /// How old the databases are, by the dates of their own indexes. What has no known date has no sample of it.
  private mutating func age(_ status: WebStatus) {
    if let release = status.release {
      if let date = release.indexDate {
        family("kscmirror_release_index_seconds", "gauge", "The date of its newest primary index.")
        sample("kscmirror_release_index_seconds", date.seconds)
      }
      family("kscmirror_release_age", "gauge", "1 for how old its databases are.")
      let age = release.age(status.asOf, by: status.limits)
      for other in IndexAge.allCases {
        sample("kscmirror_release_age", [("age", other.rawValue)], age == other ? 1 : 0)
      }
    }
    // Two components may bear one name; a series must not be there twice, or a collector refuses all of them.
    let byName = Dictionary(grouping: status.components) { ComponentLabel(source: $0.source, name: $0.name) }
    let components = byName.sorted { ($0.key.source, $0.key.name) < ($1.key.source, $1.key.name) }
    family("kscmirror_component_index_seconds", "gauge", "The date of a component's own index.")
    for (label, parts) in components {
      if let date = parts.compactMap(\.indexDate).max() {
        sample("kscmirror_component_index_seconds", label.labels, date.seconds)
      }
    }
    family("kscmirror_component_arrived_seconds", "gauge", "When the newest file of a component arrived.")
    for (label, parts) in components {
      if let time = parts.map(\.arrived).max() {
        sample("kscmirror_component_arrived_seconds", label.labels, time.seconds)
      }
    }
    family("kscmirror_components", "gauge", "How many components are how old.")
    for age in IndexAge.allCases {
      let count = status.components.count { $0.age == age }
      sample("kscmirror_components", [("age", age.rawValue)], Int64(count))
    }
  }
}

/// What tells a component's series from others.
private struct ComponentLabel: Hashable {
  let source: String
  let name: String

  var labels: [(String, String)] { [("source", source), ("component", name)] }
}
