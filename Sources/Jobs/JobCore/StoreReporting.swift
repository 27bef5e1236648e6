import ContentStore

extension JobReporter {
  /// Tells what opening the store had to mend, if anything.
  package func reportRepairs(of store: ContentStore) {
    guard !store.repairs.isEmpty else { return }
    information(
      "repaired",
      "the last run was interrupted; what it had completed is kept, and this run continues: \(store.repairs)"
    )
  }
}
