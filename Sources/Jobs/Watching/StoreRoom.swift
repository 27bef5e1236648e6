import Catalogue
import ContentStore
import FileSystem
import SystemPackage

/// What is free below a store, against what the next release needs.
package struct StoreRoom: Sendable, Hashable, Encodable {
  /// Bytes that are free.
  package let free: Int64
  /// Files that may still be made; `nil` where the file system has no such limit.
  package let inodes: Int64?
  /// Bytes that the next release is expected to need.
  package let need: Int64
  /// Files that the next release makes: a release is a tree of links, with a folder for each of the vendor's.
  package let needInodes: Int64

  /// Below so much nothing works.
  private static let least: Int64 = 64 << 20
  /// What is comfortable in any case.
  private static let comfortable: Int64 = 1 << 30

  /// How it looks.
  package enum Judgement: Sendable, Hashable {
    /// There is room for several releases.
    case enough
    /// There is room for the next one, and not for much more.
    case scarce
    /// The next one does not fit.
    case tooLittle
  }

  /// A measurement.
  package init(free: Int64, inodes: Int64?, need: Int64, needInodes: Int64) {
    self.free = free
    self.inodes = inodes
    self.need = need
    self.needInodes = needInodes
  }

  /// Measures: what the newest snapshot brought that the one before it did not have is what the next one will bring, or
  /// a tenth of it where there is none before it.
  package init(of store: ContentStore, in folder: FilePath) throws {
    let space = try FreeSpace(at: folder)
    let whole = try store.snapshots().filter(\.isWhole)
    guard let newest = whole.last else {
      self.init(free: space.bytes, inodes: space.inodes, need: Self.least, needInodes: 0)
      return
    }
    let changed = try whole.dropLast().last.map { try store.lacking(of: newest.number, in: $0.number) }
    let need = max(changed?.bytes ?? 0, newest.totalBytes / 10, Self.least)
    // Files are links, folders are not: the vendor's trees have fewer folders than a tenth of their files.
    let inodes = Int64(changed?.objects ?? newest.fileCount / 10) + Int64(newest.fileCount / 10) + 100
    self.init(free: space.bytes, inodes: space.inodes, need: need, needInodes: inodes)
  }

  /// How it looks: the next release and as much again should fit.
  package var judgement: Judgement {
    let (twice, overflow) = need.multipliedReportingOverflow(by: 2)
    if free < need || inodes.map({ $0 < needInodes }) == true { return .tooLittle }
    if free < max(Self.comfortable, overflow ? .max : twice) || inodes.map({ $0 / 4 < needInodes }) == true {
      return .scarce
    }
    return .enough
  }
}
