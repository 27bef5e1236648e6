import ContentStore

extension ContentStore {
  /// The newest snapshot that is no selection of another one.
  package func newestWhole() throws(StoreError) -> Snapshot? {
    try snapshots().last { SnapshotNotes($0.notes)?.selection == nil }
  }
}
