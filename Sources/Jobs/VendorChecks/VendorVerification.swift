import FileSystem
import JobCore
import MirrorConfiguration
import MirrorTypes
import SystemPackage
import UpdateIndex
import VendorSignatures

/// Verifies an update tree by the vendor's own signatures: those of the indexes, and through the digests in them the
/// files (FORMAT.md, section 3). The joint between UpdateIndex and VendorSignatures.
package struct VendorVerification {
  package let tree: any VendorTree
  /// An earlier state of the tree to compare the dates of signed indexes with.
  package var earlier: (any VendorTree)?
  package let settings: VendorSettings
  /// Which names count as absent.
  package var scope = AbsenceScope.unknown
  package let reporter: any JobReporter

  package init(
    tree: any VendorTree,
    earlier: (any VendorTree)? = nil,
    settings: VendorSettings,
    scope: AbsenceScope = AbsenceScope.unknown,
    reporter: any JobReporter
  ) {
    self.tree = tree
    self.earlier = earlier
    self.settings = settings
    self.scope = scope
    self.reporter = reporter
  }

  /// The most bytes of an index: the vendor's largest has 0.8 MB.
  private static let maximumIndexBytes = 64 << 20
  /// How many digests are computed before they are remembered.
  private static let batch = 512

  /// Verifies all.
  ///
  /// - Throws: an error when the tree cannot be read. What is wrong with it is in the report.
  package func run() async throws -> VendorReport {
    let trust = try VendorTrust(settings)
    var report = VendorReport()
    var expected: [TreePath: Digest256] = [:]
    var isIndex: Set<TreePath> = []
    var lacking = Lacking()
    var claims = SignedClaims()
    let carried = try walk(trust, &report, &expected, &isIndex, &lacking, &claims)
    try findUnproven(lacking.indexes, expected, claims, &report)
    try findLeftOut(lacking.indexes, expected, isIndex, &report)
    let hasSigned = claims.verified.contains { PrimaryIndexes.signed.contains($0.string) }
    report.hasSignedPrimary = try hasSigned || tree.count() == 0
    // What is signed itself needs no digest; anything else does, though somebody call it an index.
    for path in claims.verified { expected[path] = nil }
    lacking.files.subtract(isIndex)
    try findLeftOver(trust, named: isIndex.union(expected.keys), &report)
    try countAbsent(expected, lacking, &report)
    let verified = try await verifyFiles(expected, &report)
    report.files = verified
    report.notVerifiable =
      try tree.count() - (report.indexes - carried) - verified - report.leftOver
      - report.problems.count
    return report
  }

  /// Walks through all indexes, whatever a mirror has of them. A primary index that it lacks is taken out of the one that
  /// carries it.
  ///
  /// - Returns: how many indexes were verified that the tree does not have.
  private func walk(
    _ trust: VendorTrust,
    _ report: inout VendorReport,
    _ expected: inout [TreePath: Digest256],
    _ indexes: inout Set<TreePath>,
    _ lacking: inout Lacking,
    _ claims: inout SignedClaims
  ) throws -> Int {
    let primaries = try tree.primaries()
    var unsigned: [TreePath] = []
    var missing: [TreePath] = []
    var withoutDigest: Set<TreePath> = []
    var walk = IndexWalk(primaries: primaries, selection: try Selection(patches: true))
    var queue = primaries
    var position = 0
    var carried: [TreePath: [UInt8]] = [:]
    var verifiedCarried = 0
    while position < queue.count {
      let path = queue[position]
      position += 1
      let place = try tree.place(of: path)
      guard let bytes = try place.map({ try Files.read($0, atMost: Self.maximumIndexBytes) }) ?? carried[path] else {
        missing.append(path)
        continue
      }
      guard indexes.insert(path).inserted else { continue }
      do {
        let step = try walk.take(bytes, of: path)
        queue += step.indexes.map(\.path)
        for index in step.carried {
          if try isOther(index, &report) { carried[index.file.path] = index.bytes }
          queue.append(index.file.path)
        }
        guard verify(path, bytes, step.header, trust, &report, &unsigned) else { continue }
        if place == nil { verifiedCarried += 1 }
        if let date = step.header.date, let place, isOlder(date, path, place) {
          report.olderIndexes.append(path.string)
        }
        claims.take(path, naming: step.named)
        for file in step.files {
          if let digest = file.dskm2 {
            expected[file.path] = digest
          } else {
            withoutDigest.insert(file.path)
          }
        }
      } catch let error as IndexError {
        report.problems.append(.init(path: path.string, reason: error.description))
      }
    }
    // What an index names that nobody has signed is nothing that has to be here.
    lacking.indexes.formUnion(missing.filter(claims.named.contains))
    for path in unsigned {
      if claims.isBroken(by: path) {
        report.problems.append(.init(path: path.string, reason: SignedClaims.reason))
      } else if report.notVerifiableIndexes.count < VendorReport.samples {
        report.notVerifiableIndexes.append(path.string)
      }
    }
    for path in withoutDigest where try tree.place(of: path) == nil { lacking.files.insert(path) }
    for (path, date) in walk.dates { report.primaries[path.string] = date.time }
    return verifiedCarried
  }

  /// Whether the tree does not have an index as another one carries it; if it has it otherwise, that is noted.
  private func isOther(_ index: IndexWalk.CarriedIndex, _ report: inout VendorReport) throws -> Bool {
    guard let place = try tree.place(of: index.file.path) else { return true }
    guard try Files.read(place, atMost: Self.maximumIndexBytes) != index.bytes else { return false }
    let path = index.file.path.string
    if !report.differingPrimaries.contains(path) { report.differingPrimaries.append(path) }
    return true
  }

  /// Looks for indexes that carry a good signature of the vendor's though nothing names them: sets that rotate leave them
  /// behind.
  private func findLeftOver(
    _ trust: VendorTrust,
    named: Set<TreePath>,
    _ report: inout VendorReport
  ) throws {
    try tree.forEachPath { path in
      guard path.hasSuffix(".xml"), !named.contains(path), let place = try tree.place(of: path),
        let bytes = try? Files.read(place, atMost: Self.maximumIndexBytes),
        let header = try? IndexParser.parse(bytes, at: path).header, header.hasTrailer,
        trust.verdict(on: bytes, at: path, header) == .verified
      else { return }
      report.leftOver += 1
      if report.leftOverIndexes.count < VendorReport.samples { report.leftOverIndexes.append(path.string) }
    }
    report.leftOverIndexes.sort()
  }

  /// Looks for files whose digest an index gave that was here before, that a signed index still names, and that is
  /// missing now: whoever takes the index away takes the proof of these files away.
  private func findUnproven(
    _ missing: Set<TreePath>,
    _ expected: [TreePath: Digest256],
    _ claims: SignedClaims,
    _ report: inout VendorReport
  ) throws {
    guard let earlier else { return }
    var queue = missing.sorted()
    var seen = missing
    while let path = queue.popLast() {
      guard let place = try earlier.place(of: path),
        let index = try? IndexParser.parse(Files.read(place, atMost: Self.maximumIndexBytes), at: path),
        index.header.isSignable
      else { continue }
      for entry in index.entries where expected[entry.path] == nil && !claims.verified.contains(entry.path) {
        let isHere = try tree.place(of: entry.path) != nil
        switch entry.kind {
        case .index where !isHere && seen.insert(entry.path).inserted: queue.append(entry.path)
        case .file where isHere && entry.dskm2 != nil:
          report.unproven.append(.init(path: entry.path.string, reason: "\(path) proved it, and is missing now"))
        default: break
        }
      }
    }
    report.unproven.sort { $0.path < $1.path }
  }

  /// Looks for indexes that signed ones name and that are missing, though files of their folders are here, or of folders
  /// below, that no signed index gives a digest of. Who mirrors only a part has neither.
  private func findLeftOut(
    _ missing: Set<TreePath>,
    _ expected: [TreePath: Digest256],
    _ indexes: Set<TreePath>,
    _ report: inout VendorReport
  ) throws {
    // A component's files lie below `bases/` and `updates/` in folders of one name.
    var wanted: [String: TreePath] = [:]
    for path in missing.sorted() {
      guard let folder = Self.folder(of: path), wanted[folder] == nil else { continue }
      wanted[folder] = path
    }
    guard !wanted.isEmpty else { return }
    var counts: [TreePath: Int] = [:]
    try tree.forEachPath { path in
      guard expected[path] == nil, !indexes.contains(path), var folder = Self.folder(of: path) else { return }
      while true {
        if let index = wanted[folder] { counts[index, default: 0] += 1 }
        guard let slash = folder.utf8.lastIndex(of: UInt8(ascii: "/")) else { return }
        folder = String(folder[..<slash])
      }
    }
    report.leftOut = counts.sorted { $0.key < $1.key }.map { path, count in
      let files = count == 1 ? "a file of its folder is" : "\(count) files of its folder are"
      return .init(
        path: path.string,
        reason: "a signed index names it, it is missing, and \(files) here that nothing proves"
      )
    }
  }

  /// The folder of a file without the first part, which is `bases` or `updates`; `nil` where nothing is left.
  private static func folder(of path: TreePath) -> String? {
    let parts = path.string.utf8.split(separator: UInt8(ascii: "/")).dropFirst().dropLast()
    return parts.isEmpty ? nil : parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
  }

  /// What verified indexes name and the tree lacks.
  private struct Lacking {
    var indexes: Set<TreePath> = []
    /// Files of which no digest is reported.
    var files: Set<TreePath> = []
  }

  /// Counts what the tree lacks of what was chosen.
  private func countAbsent(
    _ expected: [TreePath: Digest256],
    _ lacking: Lacking,
    _ report: inout VendorReport
  ) throws {
    var lacking = lacking
    for path in expected.keys where try tree.place(of: path) == nil { lacking.files.insert(path) }
    lacking.files.subtract(lacking.indexes)
    report.isSelectionKnown = scope.isKnown
    if !(lacking.indexes.isEmpty && lacking.files.isEmpty),
      let chosen = try scope.names(in: tree, primaries: tree.primaries(), maximumBytes: Self.maximumIndexBytes)
    {
      lacking.indexes.formIntersection(chosen)
      lacking.files.formIntersection(chosen)
    }
    report.absent = lacking.files.count
    report.absentIndexes = lacking.indexes.count
    report.absentNames = (lacking.indexes.sorted() + lacking.files.sorted()).prefix(VendorReport.samples).map(\.string)
  }

  /// Whether an index is older than the one that the earlier state has in its place.
  private func isOlder(_ date: IndexDate, _ path: TreePath, _ place: FilePath) -> Bool {
    guard let before = try? earlier?.place(of: path), before != place,
      let bytes = try? Files.read(before, atMost: Self.maximumIndexBytes),
      let old = try? IndexParser.parse(bytes, at: path).date
    else { return false }
    return date < old
  }

  private func verify(
    _ path: TreePath,
    _ bytes: [UInt8],
    _ header: IndexFile.Header,
    _ trust: VendorTrust,
    _ report: inout VendorReport,
    _ unsigned: inout [TreePath]
  ) -> Bool {
    switch trust.verdict(on: bytes, at: path, header) {
    case .verified:
      report.indexes += 1
      return true
    case .notVerifiable: unsigned.append(path)
    case .wrong(let reason): report.problems.append(.init(path: path.string, reason: reason))
    }
    return false
  }

  // MARK: - Files

  /// Compares files with their digests, on all processors.
  private func verifyFiles(
    _ expected: [TreePath: Digest256],
    _ report: inout VendorReport
  ) async throws -> Int {
    let files = expected.sorted { $0.key < $1.key }
    let tally = try await compareAll(files)
    report.problems += tally.differing.sorted().map {
      .init(path: $0.string, reason: "its content is not what the digest in the vendor's signed index says")
    }
    return tally.matching
  }

  private func compareAll(_ files: [(key: TreePath, value: Digest256)]) async throws -> Tally {
    let tree = tree
    let batches = stride(from: 0, to: files.count, by: Self.batch).map { files[$0..<min($0 + Self.batch, files.count)] }
    var sum = Tally()
    try await concurrently(batches, atMost: Processors.count) {
      try Self.compare($0, tree)
    } take: { tally in
      try tree.remember(tally.hashes)
      sum.add(tally)
      reporter.report(
        .progress(JobProgress(bytes: 0, files: sum.matching + sum.absent, totalFiles: files.count))
      )
    }
    return sum
  }

  /// What the comparison of some files came to.
  private struct Tally: Sendable {
    var matching = 0
    var absent = 0
    var differing: [TreePath] = []
    var hashes: [TreePath: Digest256] = [:]

    mutating func add(_ other: Tally) {
      matching += other.matching
      absent += other.absent
      differing += other.differing
    }
  }

  private static func compare(
    _ files: ArraySlice<(key: TreePath, value: Digest256)>,
    _ tree: any VendorTree
  ) throws -> Tally {
    var tally = Tally()
    for (path, digest) in files {
      guard let place = try tree.place(of: path) else {
        tally.absent += 1
        continue
      }
      let known = try tree.contentHash(of: path)
      let hash = try known ?? contentHash(of: place)
      if known == nil { tally.hashes[path] = hash }
      if try Digest256(bytes: DSKM2.digest(contentHash: hash.bytes, name: String(path.name))) == digest {
        tally.matching += 1
      } else {
        tally.differing.append(path)
      }
    }
    return tally
  }

  private static func contentHash(of place: FilePath) throws -> Digest256 {
    guard let hash = Digest256(bytes: try DSKM2.contentHash(ofFile: place)) else {
      throw JobError(.software, "Streebog failed")
    }
    return hash
  }
}
