import Foundation
import LoopbackTLS
import SystemPackage
import TestSupport
import VendorSignatures

/// A made-up update tree in the vendor's three generations of formats, of any size, that can grow older.
///
/// Everything follows from the seed. As in a real tree, 1313g and 1901g share their payload and 0607g has one of its
/// own; components lie in folders of their own, one of them with indexes three deep; some files are inline, some have
/// filters, one is named and absent, and one has another case on the disk than in the index. If told so, a part of the
/// files has difference files beside them.
package struct UpdateTree {
  /// The tree's folder: the root of the server.
  package let folder: FilePath
  /// Who signs its indexes.
  package let signer: VendorSigner
  private let seed: UInt64
  private var day: Int
  /// The tree's first day, in seconds since 1970.
  private let firstDay: Int64
  private let hasDifferences: Bool
  private let hasApplications: Bool
  private let isWhole: Bool
  /// Components that the primary indexes do not name; known to this value only.
  private var retired: Set<String> = []

  /// The components, with how many of a hundred files they have.
  private static let components: [(name: String, share: Int)] = [
    ("KDB", 45), ("EMU", 10), ("APU", 8), ("KSN", 6), ("ADB", 6), ("ADBU", 5), ("AH", 5), ("HIPS", 5), ("WMUF", 5),
    ("PARCTL", 3), ("QSCAN", 1), ("VLNS", 1),
  ]
  private static let stateName = ".generator"
  /// One vendor makes all trees.
  private static let vendor = Result { try VendorSigner(seed: 0) }
  /// The index beside the primary ones that carries the signed one.
  private static let carrier = "retr1901-u1313g.xml"

  /// Makes a new tree.
  ///
  /// - Parameters:
  ///   - folder: where; it must not be there yet.
  ///   - files: about how many files besides indexes.
  ///   - meanSize: how many bytes a file has on average.
  ///   - seed: what everything follows from.
  ///   - differences: whether a part of the files has difference files beside them.
  ///   - applications: whether there are components for single applications too, a few files each.
  ///   - firstDay: the tree's first day, in seconds since 1970.
  ///   - whole: whether it has all that a real tree has: the indexes for mobile devices, the meta indexes, the updaters,
  ///     patches, every kind of record and of catalogue entry.
  package static func generate(
    at folder: FilePath,
    files: Int,
    meanSize: Int = 24_000,
    seed: UInt64 = 1,
    differences: Bool = false,
    applications: Bool = false,
    firstDay: Int64 = 1_762_819_200,
    whole: Bool = false
  ) throws -> UpdateTree {
    try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
    let tree = try UpdateTree(
      folder: folder,
      seed: seed,
      day: 0,
      hasDifferences: differences,
      hasApplications: applications,
      firstDay: firstDay,
      isWhole: whole
    )
    var random = tree.random()
    for (name, share) in components {
      let old = max(1, files * share / 400)
      for number in 0..<max(1, files * share / 100 - old) {
        try tree.write(tree.payload(name, number), tree.content(meanSize, &random))
      }
      for number in 0..<old {
        try tree.write("bases/\(name.lowercased())/\(name.lowercased())\(number).dat", tree.content(meanSize, &random))
      }
    }
    for application in applications ? TreeApplication.allCases : [] {
      for number in 0..<4 {
        try tree.write(tree.payload(application.component, number), tree.content(meanSize, &random))
      }
    }
    try tree.write("bases/kdb/licensemanager.lt", Array("found under another case".utf8))
    try tree.write("updates/bin/kuuc/updater.xml", Array(tree.catalogue.utf8))
    for name in tree.componentNames {
      for path in try tree.payloads(name) { try tree.differences?.renew(path) }
      try tree.writeIndexes(of: name)
    }
    try tree.writePrimaries()
    try tree.save()
    return tree
  }

  /// Copies a tree that was made before in this process, or makes it; see
  /// ``generate(at:files:meanSize:seed:differences:applications:firstDay:whole:)``.
  package static func copy(
    to folder: FilePath,
    files: Int,
    meanSize: Int,
    seed: UInt64,
    differences: Bool,
    applications: Bool,
    firstDay: Int64,
    whole: Bool
  ) throws -> UpdateTree {
    let key = "tree \(files) \(meanSize) \(seed) \(differences) \(applications) \(firstDay) \(whole)"
    try MadeOnce.shared.copy(key, to: folder) { original in
      _ = try generate(
        at: original,
        files: files,
        meanSize: meanSize,
        seed: seed,
        differences: differences,
        applications: applications,
        firstDay: firstDay,
        whole: whole
      )
    }
    return try UpdateTree(at: folder)
  }

  /// Opens a tree that ``generate(at:files:meanSize:seed:differences:applications:firstDay:whole:)`` made.
  package init(at folder: FilePath) throws {
    let text = try String(contentsOfFile: folder.appending(Self.stateName).string, encoding: .utf8)
    let numbers = text.split(separator: " ").compactMap { UInt64($0) }
    guard numbers.count == 6 else {
      throw ServerFailure(description: "\(folder) is no generated tree")
    }
    try self.init(
      folder: folder,
      seed: numbers[0],
      day: Int(numbers[1]),
      hasDifferences: numbers[2] == 1,
      hasApplications: numbers[4] == 1,
      firstDay: Int64(numbers[3]),
      isWhole: numbers[5] == 1
    )
  }

  private init(
    folder: FilePath,
    seed: UInt64,
    day: Int,
    hasDifferences: Bool,
    hasApplications: Bool,
    firstDay: Int64,
    isWhole: Bool
  ) throws {
    self.firstDay = firstDay
    signer = try Self.vendor.get()
    self.folder = folder
    self.seed = seed
    self.day = day
    self.hasDifferences = hasDifferences
    self.hasApplications = hasApplications
    self.isWhole = isWhole
  }

  /// The components' names, those for single applications last.
  private var componentNames: [String] {
    let all = Self.components.map(\.name) + (hasApplications ? TreeApplication.allCases.map(\.component) : [])
    return all.filter { !retired.contains($0) }
  }

  /// Lets a day pass: in three components of four, 8 of 100 files change in 5 of 100 bytes, 2 are new, 1 is gone.
  package mutating func age() throws {
    day += 1
    var random = random()
    for (position, component) in Self.components.enumerated() where (position + day) % 4 != 0 {
      for path in try payloads(component.name) {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<8:
          try change(path, &random)
          try differences?.renew(path)
        case 8..<10:
          let name = path.dropLast(4) + "-\(day).dat"
          try write(String(name), content(24_000, &random))
          try differences?.renew(String(name))
        case 10:
          try FileManager.default.removeItem(atPath: folder.pushing(FilePath(path)).string)
          try differences?.remove(of: path)
        default: break
        }
      }
      try writeIndexes(of: component.name)
    }
    try writePrimaries()
    try save()
  }

  /// Takes components out of the primary indexes, and puts back those that were taken out before, on the next day.
  package mutating func retire(_ components: [String]) throws {
    retired = Set(components)
    day += 1
    try writePrimaries()
    try save()
  }

  // MARK: - Files

  private func save() throws {
    let flags = [hasApplications, isWhole].map { $0 ? " 1" : " 0" }.joined()
    try write(Self.stateName, Array("\(seed) \(day) \(hasDifferences ? 1 : 0) \(firstDay)\(flags)".utf8))
  }

  private var differences: DifferenceFiles? {
    hasDifferences ? DifferenceFiles(folder: folder, seed: seed, day: day) : nil
  }

  private func random() -> SeededGenerator { SeededGenerator(seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(day)) }

  /// A payload of 1313g and 1901g: KDB lies in two folders for two architectures.
  private func payload(_ component: String, _ number: Int) -> String {
    let name = component.lowercased()
    let inner = component == "KDB" ? (number % 2 == 0 ? "i386/" : "x64/") : ""
    return "updates/\(name)/\(inner)\(name)\(String(number + 10000).dropFirst()).dat"
  }

  private func content(_ meanSize: Int, _ random: inout SeededGenerator) -> [UInt8] {
    // Sizes as in real trees: many small ones, few large ones, the mean far above the median.
    let unit = Double.random(in: 0.001..<1, using: &random)
    let size = min(meanSize * 40, Int(Double(meanSize) * 0.5 * pow(unit, -0.5)))
    let isText = random.next() % 2 == 0
    var bytes = [UInt8](repeating: 0, count: size)
    bytes.withUnsafeMutableBytes { buffer in
      var position = 0
      while position + 8 <= buffer.count {
        let word = random.next()
        buffer.storeBytes(
          of: isText ? word & 0x0303_0303_0303_0303 | 0x6060_6060_6060_6060 : word,
          toByteOffset: position,
          as: UInt64.self
        )
        position += 8
      }
    }
    return bytes
  }

  private func change(_ path: String, _ random: inout SeededGenerator) throws {
    let place = folder.pushing(FilePath(path))
    var bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: place.string)))
    guard !bytes.isEmpty else { return }
    let count = max(1, bytes.count / 20)
    let start = Int.random(in: 0...(bytes.count - count), using: &random)
    for position in start..<(start + count) { bytes[position] ^= UInt8(truncatingIfNeeded: random.next()) | 1 }
    try write(path, bytes)
  }

  private func write(_ path: String, _ bytes: [UInt8]) throws {
    try Self.write(bytes, to: folder.pushing(FilePath(path)))
  }

  /// Writes a file as servers do: a new one takes the place of the old.
  static func write(_ bytes: [UInt8], to place: FilePath) throws {
    try FileManager.default.createDirectory(
      atPath: place.removingLastComponent().string,
      withIntermediateDirectories: true
    )
    // Foundation's atomic writing waits for the disk, which no test needs.
    let new = FilePath(place.string + ".\(UUID().uuidString)")
    try Data(bytes).write(to: URL(fileURLWithPath: new.string))
    guard rename(new.string, place.string) == 0 else {
      throw ServerFailure(description: "\(place) cannot be written: \(Errno(rawValue: errno))")
    }
  }

  private func names(in path: String, suffix: String) throws -> [String] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: folder.pushing(FilePath(path)).string)) ?? []
    return all.filter { $0.hasSuffix(suffix) }.sorted()
  }

  private func payloads(_ component: String) throws -> [String] {
    let name = component.lowercased()
    let folders =
      component == "KDB" ? ["updates/kdb/i386", "updates/kdb/x64", "bases/kdb"] : ["updates/\(name)", "bases/\(name)"]
    return try folders.flatMap { folder in try names(in: folder, suffix: ".dat").map { "\(folder)/\($0)" } }
  }

  // MARK: - Indexes

  /// The tree's day as indexes write dates; the component's is that of its last change.
  private var date: String {
    var time = time_t(seconds)
    var parts = tm()
    gmtime_r(&time, &parts)
    func two(_ number: Int32) -> String { (number < 10 ? "0" : "") + "\(number)" }
    return "\(two(parts.tm_mday))\(two(parts.tm_mon + 1))\(parts.tm_year + 1900) 0026"
  }

  /// The tree's day, in seconds since 1970.
  private var seconds: Int64 { firstDay + Int64(day) * 86_400 }

  /// Signs an index of the day.
  private func signing(_ name: String) -> IndexSigner { IndexSigner(signer: signer, name: name, time: seconds + 1600) }

  private func named(_ folder: String, below base: String) throws -> [NamedFile] {
    try names(in: folder, suffix: ".dat").map { name in
      let digest = try DSKM2.digest(ofFile: self.folder.pushing(FilePath("\(folder)/\(name)")), name: name)
      return NamedFile(folder: base, name: name, dskm2: Data(digest).base64EncodedString())
    }
  }

  private func writeIndexes(of component: String) throws {
    let name = component.lowercased()
    var old = try names(in: "bases/\(name)", suffix: ".dat").map { NamedFile(folder: "", name: $0, dskm2: "") }
    if component == "KDB" { old.append(NamedFile(folder: "", name: "LicenseManager.lt", dskm2: "")) }
    if component == "AH" { old.append(NamedFile(folder: "", name: "absent.dat", dskm2: "")) }
    if TreeApplication(rawValue: component) == nil {
      try write("bases/\(name)/\(name)-0607g.xml", IndexText.updateFiles(date: date, component: component, files: old))
    }
    for (generation, format) in [("1313g", "2.0"), ("1901g", "3.0")] {
      var children: [IndexText.Child] = []
      var files: [NamedFile] = []
      if component == "KDB" {
        // Three deep: the component's index, one for x64 below it, and the files.
        let inner = try IndexText.update(
          format: format,
          date: date,
          component: component,
          files: try named("updates/kdb/x64", below: ""),
          sibling: generation == "1313g" ? "kdb-x64-1901g.xml" : nil,
          signer: signing("kdb-x64-\(generation).xml")
        )
        try write("updates/kdb/x64/kdb-x64-\(generation).xml", inner)
        children = [
          .init(
            component: component,
            folder: "x64",
            name: "kdb-x64-\(generation).xml",
            date: date,
            isPassedOn: generation == "1313g"
          )
        ]
        files = try named("updates/kdb/i386", below: "i386")
      } else {
        files = try named("updates/\(name)", below: "")
      }
      let index = try IndexText.update(
        format: format,
        date: date,
        component: component,
        files: files,
        children: children,
        sibling: generation == "1313g" ? "\(name)-1901g.xml" : nil,
        signer: signing("\(name)-\(generation).xml")
      )
      try write("updates/\(name)/\(name)-\(generation).xml", index)
      if component == "KSN" { try differences?.renewTwin("updates/\(name)/\(name)-\(generation).xml") }
    }
  }

  private func writePrimaries() throws {
    func children(_ top: String, _ generation: String) throws -> [IndexText.Child] {
      try componentNames.filter { top == "updates" || TreeApplication(rawValue: $0) == nil }.map { component in
        let name = component.lowercased()
        return .init(
          component: component,
          folder: "\(top)/\(name)",
          name: "\(name)-\(generation).xml",
          date: try dateWritten(in: "\(top)/\(name)/\(name)-\(generation).xml"),
          applications: TreeApplication(rawValue: component)?.restriction ?? "",
          isPassedOn: generation == "1313g"
        )
      }
    }
    let whole = isWhole ? WholeTree(folder: folder, signer: signer, date: date, time: seconds + 1600, day: day) : nil
    try whole?.write()
    let old = IndexText.updateFiles(date: date, children: try children("bases", "0607g"), more: whole?.moreOld ?? "")
    try write("index/u0607g.xml", old)
    // The signed one first: what the other names carries it.
    for (generation, format) in [("1901g", "3.0"), ("1313g", "2.0")] {
      let isOld = generation == "1313g"
      let index = try IndexText.update(
        format: format,
        date: date,
        children: try children("updates", generation),
        carrier: isOld ? Self.carrier : nil,
        more: whole?.more(isOld ? .unsigned : .signed) ?? "",
        signer: signing("u\(generation).xml")
      )
      try write("index/u\(generation).xml", index)
      try differences?.renewTwin("index/u\(generation).xml")
      guard !isOld else { continue }
      let carrier = IndexText.carrier(of: "u1901g.xml", index, component: "RETR1901", date: date)
      try write("index/\(Self.carrier)", carrier)
    }
    try whole?.writeMeta(try componentNames.map { ($0, try payloads($0)) })
  }

  /// The date in the root of an index, which its parent has of it as well (FORMAT.md, section 4).
  private func dateWritten(in path: String) throws -> String {
    let text = try String(contentsOfFile: folder.pushing(FilePath(path)).string, encoding: .isoLatin1)
    let mark = text.range(of: "Date=\"")
    return mark.map { String(text[$0.upperBound...].prefix(13)) } ?? date
  }

  /// A product catalogue: as the vendor's, it names no signed primary index, but the components by which a server that
  /// passes updates on takes it out of the unsigned one.
  private var catalogue: String {
    "<?xml version=\"1.0\" encoding=\"windows-1252\"?>\r\n<elements>"
      + Self.product("KasperskyEndpointSecurityForLinux_12_3_0", "12.3.0.1162", ["KDB", "KSN", "VLNS"])
      + Self.product("KasperskySecurityCenterLinux_15_4", "15.4.0.8873", ["KDB", "APU"])
      + (hasApplications ? TreeApplication.allCases.map(\.entry).joined() + TreeApplication.serverEntry : "")
      + (isWhole ? CatalogueShapes.entries(all: componentNames + ["KINDS"]) : "") + "</elements>\r\n"
  }

  /// An entry of the catalogue.
  static func product(_ name: String, _ version: String, _ components: [String], application: String = "") -> String {
    let passedOn = components.map { "RETR1901_\($0)" } + ["RETR1901"]
    return """
      <element><name>\(name)</name><version>\(version)</version><updates><tree>index/u1313g.xml</tree>\
      <component>\((components + passedOn).joined(separator: ";"))</component><App>\(application)</App></updates></element>
      """
  }
}
