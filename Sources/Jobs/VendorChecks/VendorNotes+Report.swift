import StoreTrust

extension VendorNotes {
  package init(_ report: VendorReport) {
    self.init(indexes: report.indexes, files: report.files, notVerifiable: report.notVerifiable)
  }
}
