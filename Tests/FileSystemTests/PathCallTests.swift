import Foundation
import Testing

/// Folders of others (sticks, output and exchange folders, reports) are reached by descriptor, as `Place`s. A path is
/// looked up anew with each call, by names that others can change in between: that no such call comes back is tested in
/// the sources.
@Suite struct PathCallTests {
  private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Sources")

  /// The targets that work in folders of others.
  private static let targets = [
    "Parts/BundleFormat", "Jobs/Bundles", "Jobs/Collecting", "Jobs/FileExchange", "Jobs/Importing", "Jobs/KSN",
    "Jobs/Licences", "Jobs/Packing", "Jobs/Parcels", "Jobs/Sites",
  ]

  /// The files among them with calls by path, which are about the store, or about one file that an administrator names.
  private static let ownFiles: Set<String> = [
    "Jobs/Collecting/Collecting.swift", "Jobs/Collecting/ReceiptWriting.swift", "Jobs/Collecting/SiteJobs.swift",
    "Jobs/Collecting/TrustJob.swift",
    "Jobs/Importing/ImportChecks.swift", "Jobs/Importing/Gathering.swift",
    "Jobs/Importing/ImportJob.swift", "Jobs/Importing/ProgramIntake.swift", "Jobs/Importing/StreamSpool.swift",
    "Jobs/KSN/KSNShelf.swift", "Jobs/KSN/PrivateConfiguration+File.swift",
    "Jobs/Licences/KeySendJob.swift", "Jobs/Licences/LicenceGathering.swift",
    "Jobs/Licences/LicenceShelf.swift", "Jobs/Licences/PrivateDraft.swift", "Jobs/Licences/PseudonymKey.swift",
    "Jobs/Packing/Pack/BaseChoice.swift", "Jobs/Packing/Pack/BundleOwnership.swift",
    "Jobs/Packing/Pack/SiteSelection.swift",
    "Jobs/Packing/Spread/SpreadJob.swift",
    "Jobs/Sites/SiteFiles.swift", "Jobs/Sites/SiteRegistry.swift",
  ]

  /// The code of all files below the sources, without comments, by path.
  private static func code() throws -> [String: String] {
    var found: [String: String] = [:]
    let paths = FileManager.default.enumerator(atPath: sources.path)?.compactMap { $0 as? String } ?? []
    for path in paths where path.hasSuffix(".swift") {
      let text = try String(contentsOf: sources.appendingPathComponent(path), encoding: .utf8)
      let lines = text.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("//") }
      found[path] = lines.joined(separator: "\n")
    }
    return found
  }

  @Test func `no call by path is made where folders of others are written, read or removed`() throws {
    let code = try Self.code().filter { path, _ in Self.targets.contains { path.hasPrefix($0 + "/") } }
    #expect(code.count > 100)
    // To resolve what an administrator has named is how a folder comes to be opened.
    let call =
      /\bFiles\.(?!Entry\b|resolvingLinks\b)[a-z]\w*|\bFreeSpace\(|\bFileDescriptor\.open\b|\bFileManager\b|\bopendir\(/
    let calling = Set(code.filter { $0.value.contains(call) }.keys)
    #expect(calling.subtracting(Self.ownFiles).sorted() == [], "a path is used where a Place should be")
    #expect(Self.ownFiles.subtracting(calling).sorted() == [], "no call by path is left there")
  }

  @Test func `what a place is called in messages opens nothing`() throws {
    let code = try Self.code()
    let opening =
      /\b(Files\.\w+|InputFile|OutputFile|OpenFolder|FreeSpace|FileCache|FileDescriptor\.open|Place)\([^()]*\.shown/
    #expect(code.filter { $0.value.contains(opening) }.keys.sorted() == [])
    let paths = /\b(InputFile|OutputFile|UncachedFile\.read)\((FilePath\(|"|[^()]*\.(path|string)\b)/
    let foreign = code.filter { path, _ in Self.targets.contains { path.hasPrefix($0 + "/") } }
    #expect(foreign.filter { $0.value.contains(paths) }.keys.sorted() == [])
  }
}
