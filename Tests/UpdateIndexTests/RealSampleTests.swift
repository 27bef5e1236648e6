import Foundation
import MirrorTypes
import TestSupport
import Testing
import UpdateIndex
import VendorSignatures

@Suite(.enabled(if: RealSamples.areThere, "\(RealSamples.absence)"))
struct RealSampleTests {
  /// All indexes of 2025, the stale rotating sets too, each parsed once.
  ///
  /// 73,264 of the listed paths are what they name, files whose content stands inline included. Without those it is
  /// 73,143; with the indexes themselves, of which 61 are named by no other, 73,325. 520 records tell a DSKM2 digest of
  /// a file whose bytes are in the archive: of 516 files, two of which are named in three indexes.
  @Test func `the indexes of 2025 name all but the leftovers, no row is lost or split wrongly, all digests agree`()
    throws
  {
    let tree = try RealTree(2025)
    let listed = try RealSamples.listedPaths()
    #expect(listed.count == 75_682)
    let indexes = tree.indexes()
    #expect(indexes.count == 1272)
    var (named, fetched) = (Set<String>(), Set<String>())
    var records = 0
    var drift = DriftReport()
    var generations: [IndexFile.Generation: Int] = [:]
    var rows = RowCounts()
    var digests = DigestCounts()
    for (path, bytes) in indexes {
      let index = try IndexParser.parse(bytes, at: TreePath(path))
      records += index.entries.count
      named.formUnion(index.entries.lazy.map(\.path.string))
      fetched.formUnion(index.entries.lazy.filter { $0.kind != .inline }.map(\.path.string))
      drift.merge(index.drift)
      generations[index.generation, default: 0] += 1
      #expect(index.date != nil, "\(path)")
      rows.count(index, bytes)
      try digests.count(index, tree, listed)
    }
    #expect(records == 198_835)
    #expect(generations == [.updateFiles: 46, .update2: 645, .update3: 581])
    #expect(drift.findings == [])
    #expect(named.count == 103_155)
    #expect(named.intersection(listed).count == 73_264)
    #expect(fetched.count == 103_026)
    #expect(fetched.intersection(listed).count == 73_143)
    let all = named.union(indexes.map(\.path))
    #expect(all.count == 103_216)
    #expect(all.intersection(listed).count == 73_325)
    #expect(listed.subtracting(all).count == 2357)

    #expect(rows.differing == [])
    #expect(rows.sums == [10_662, 168_697, 494_318, 30_138])

    #expect(digests.agreeing == 520)
    #expect(digests.disagreeing == [])
    #expect(digests.files.count == 516)
  }

  /// Tables, their records and cells, and single elements that name something, as an independent reader sees them.
  private struct RowCounts {
    var (tables, records, cells, singles) = (0, 0, 0, 0)
    /// Indexes in which the two readers differ.
    var differing: [String] = []

    var sums: [Int] { [tables, records, cells, singles] }

    mutating func count(_ index: IndexFile, _ bytes: [UInt8]) {
      let other = IndependentReader(Array(bytes[..<index.xmlByteCount]))
      let wanted = other.names.map { String($0.split(separator: "/").last ?? "").replacing(" ", with: "") }
      let found = index.entries.map { String($0.path.name).replacing(" ", with: "") }
      if other.wrongRecords > 0 || found != wanted { differing.append(index.path.string) }
      tables += other.tables
      records += other.records
      cells += other.cells
      singles += other.singles
    }
  }

  /// Digests that are told of files whose bytes are at hand.
  private struct DigestCounts {
    var files: Set<String> = []
    var agreeing = 0
    var disagreeing: [String] = []

    mutating func count(_ index: IndexFile, _ tree: RealTree, _ listed: Set<String>) throws {
      for entry in index.entries {
        // Of the listed files only these kinds are in the archive.
        guard let told = entry.dskm2, listed.contains(entry.path.string), RealTree.holds(entry.path.string) else {
          continue
        }
        let file = tree.file(entry.path.string)
        guard FileManager.default.fileExists(atPath: file.string) else { continue }
        files.insert(entry.path.string)
        let own = try DSKM2.digest(ofFile: file, name: String(entry.path.name))
        if own == told.bytes { agreeing += 1 } else { disagreeing.append(entry.path.string) }
      }
    }
  }

  /// What a mirror of everything takes: without inline files, and without the sets that no index points at just now.
  @Test func `a walk over all primary indexes of 2025 takes what they point at`() throws {
    let tree = try RealTree(2025)
    let primaries = try tree.primaries()
    #expect(primaries.count == 16)
    let walked = try tree.walk(from: primaries, .everything)
    let listed = try RealSamples.listedPaths()
    #expect(walked.indexes.count == 1166)
    #expect(walked.absentIndexes.count == 295)
    #expect(walked.absentIndexes.isDisjoint(with: listed))
    #expect(walked.files.count == 99_023)
    // 20 more files have such digests in indexes of other generations only, where they prove nothing.
    #expect(walked.files.values.count { $0.dskm2 != nil } == 60_808)
    #expect(walked.drift.findings == [])
    let taken = walked.indexes.union(walked.files.keys)
    #expect(taken.intersection(listed).count == 70_571)

    // What is left over is, but for few, the rotating sets that no index points at just now.
    let rest = listed.subtracting(taken)
    let rotating = rest.filter { $0.hasPrefix("updates/kas/") || $0.hasPrefix("updates/kas5/") }
    #expect(rest.count == 5111)
    #expect(rotating.count == 4815)
    #expect(Set(rotating.map { $0.split(separator: "/").prefix(3).joined(separator: "/") }).count == 12)
  }

  @Test func `every index of 2015 parses`() throws {
    let indexes = try RealTree(2015).indexes()
    #expect(indexes.count == 45)
    var records = 0
    var drift = DriftReport()
    var rows = RowCounts()
    for (path, bytes) in indexes {
      let index = try IndexParser.parse(bytes, at: TreePath(path))
      records += index.entries.count
      drift.merge(index.drift)
      rows.count(index, bytes)
    }
    #expect(records == 8648)
    #expect(drift.findings == [])
    #expect(rows.differing == [])
    #expect(rows.sums == [0, 0, 0, 8648])
  }

  @Test func `a real index cut short at any byte is refused, or reads the same`() throws {
    let tree = try RealTree(2025)
    let path = "updates/casb/mod/mod-casb-1901g.xml"
    let bytes = try #require(tree.bytes(of: path))
    let whole = try IndexParser.parse(bytes, at: TreePath(path))
    #expect(!whole.entries.isEmpty)
    for count in 0..<bytes.count {
      let cut = Array(bytes[..<count])
      if count < whole.xmlByteCount {
        #expect(throws: IndexError.self) { try IndexParser.parse(cut, at: TreePath(path)) }
      } else {
        #expect(try IndexParser.parse(cut, at: TreePath(path)).entries == whole.entries)
      }
    }
  }

  @Test func `a real product selects primary indexes and components that take something`() throws {
    let tree = try RealTree(2025)
    let bytes = try #require(tree.bytes(of: ProductCatalogue.path.string))
    let catalogue = try ProductCatalogue(parsing: bytes)
    #expect(catalogue.products.count == 406)
    #expect(catalogue.products.allSatisfy { !$0.name.isEmpty })
    let matching = catalogue.matching("KasperskyEndpointSecurityForLinux_12")
    #expect(
      matching.map(\.name).sorted()
        == ["0_0", "1_0", "1_1", "2_0", "3_0"].map { "KasperskyEndpointSecurityForLinux_12_\($0)" }
    )
    let selected = try catalogue.selection(for: ["KasperskyEndpointSecurityForLinux_12"])
    #expect(selected.primaries.map(\.string) == ["index/u1313g.xml", "updaters/updater.xml"])
    #expect(selected.components.count == 73)
    let walked = try tree.walk(
      from: selected.primaries.map(\.string),
      try Selection(components: selected.components)
    )
    // The 149 of the older generation and the updater, the signed primary indexes that two of them carry, and what those
    // name.
    #expect(walked.indexes.count == 149 + 2 + 140)
    #expect(walked.carried == ["index/u1901g.xml", "index/um1901g.xml"])
    #expect(walked.files.count == 14_635)
    #expect(throws: UnknownProduct.self) { try catalogue.selection(for: ["KasperskyEndpointSecurityForLinux_1"]) }
  }

  @Test func `what an index says of its own architecture and system holds for what it names`() throws {
    let tree = try RealTree(2025)
    let walked = try tree.walk(
      from: ["index/u1901g.xml", "index/u1313g.xml"],
      try Selection(operatingSystems: ["Linux"], architectures: ["x64"])
    )
    // These folders hold what their indexes restrict to other processors.
    let others = walked.files.keys.filter { $0.hasPrefix("updates/kdbarm64/") || $0.hasPrefix("updates/kdbel/") }
    #expect(others.allSatisfy { $0.hasSuffix(".xml") }, "\(others.prefix(5))")
    #expect(walked.files.keys.contains { $0.hasPrefix("updates/kdbl/x64l/") })
    #expect(walked.files.count == 36_891)
  }
}
