import BundleFormat
import Bundles
import FileSystem
import JobCore
import MirrorTypes
import SystemPackage

/// What lies on a medium and no manifest names: `autorun.inf`, links, hidden folders, files beside those of a bundle.
///
/// Nothing of it is opened. Names are those of a stranger: they are shown quoted, and no more than a bounded number.
struct Strangers {
  /// What does not belong there, relative to the medium, quoted: the first of it.
  private(set) var names: [String] = []
  /// How much there is of it, as far as it was counted.
  private(set) var count = 0
  /// What interrupted runs have left.
  private(set) var leftovers: [String] = []

  private static let mostNames = 1000
  /// How many names of a folder are looked at.
  private static let mostEntries = 100_000
  private static let deepest = 4
  private static let tags: Set<String> = [
    "bagit.txt", "bag-info.txt", BundleNames.manifest, "tagmanifest-sha256.txt", BundleNames.label, BundleNames.hints,
  ]

  /// Looks at a medium's folder, or at a bundle's own.
  init(at path: FilePath, bundles: [BundleReader]) throws {
    let resolved = try Files.resolvingLinks(path)
    guard !Self.isInside(Set(bundles.map(\.folder.shown)), resolved),
      let medium = try OpenFolder.ifFolder(resolved)?.place
    else {
      for bundle in bundles { try look(into: bundle, below: "") }
      return
    }
    let byFolder = Dictionary(bundles.map { ($0.folder, $0) }) { first, _ in first }
    var onTheWay = Set<Place>()
    for bundle in bundles {
      var folder = bundle.folder.parent
      while folder != medium, onTheWay.insert(folder).inserted { folder = folder.parent }
    }
    try look(through: medium, below: "", byFolder, onTheWay)
  }

  /// Looks at a folder in which bundles lie, or other such folders.
  private mutating func look(
    through folder: Place,
    below prefix: String,
    _ bundles: [Place: BundleReader],
    _ onTheWay: Set<Place>
  ) throws {
    for entry in try folder.entries(atMost: Self.mostEntries) {
      let place = folder.appending(entry)
      if let bundle = bundles[place] {
        try look(into: bundle, below: "\(prefix)\(entry.name)/")
      } else if onTheWay.contains(place) {
        try look(through: place, below: "\(prefix)\(entry.name)/", bundles, onTheWay)
      } else {
        try judge(entry.name, at: place, below: prefix)
      }
    }
  }

  /// Whether a place is one of the folders, or lies below one.
  private static func isInside(_ folders: Set<FilePath>, _ place: FilePath) -> Bool {
    var next = place
    while !next.components.isEmpty {
      if folders.contains(next) { return true }
      next = next.removingLastComponent()
    }
    return false
  }

  private mutating func judge(_ name: String, at place: Place, below prefix: String) throws {
    let kind = try place.status()?.kind
    let isOurs =
      name.lowercased() == BundleNames.label.lowercased() || ReceiptNames.isReceipt(name)
      || (name.hasBytePrefix("kscmirror-") && name.hasByteSuffix(".tar"))
    if kind == .file && isOurs { return }
    if Self.isOfSystem(name, kind) { return }
    if kind == .folder, ParcelNames(folderOfAnyCase: name) != nil { return try look(intoParcel: place.ignoringCase) }
    let isLeftFolder = kind == .folder && (BundleNames.isLeftover(name) || ParcelNames.isLeftover(name))
    if isLeftFolder || isDraft(name, kind) { addLeftover(prefix + name) } else { add(prefix + name) }
  }

  /// Whether it is a file or folder that a run was making, and of which nothing is ever read.
  private func isDraft(_ name: String, _ kind: FileStatus.Kind?) -> Bool {
    (kind == .file || kind == .folder) && DraftName.isOne(name)
  }

  private mutating func addLeftover(_ name: String) {
    if leftovers.count < Self.mostNames { leftovers.append(ShownText.quoted(name)) }
  }

  /// Whether a system or a desktop has made it by itself: that says nothing of whoever had the medium.
  private static func isOfSystem(_ name: String, _ kind: FileStatus.Kind?) -> Bool {
    (kind == .file || kind == .folder) && SystemNames.isKnown(name, isFolder: kind == .folder)
  }

  /// Sees that a parcel's folder has nothing but the files of one. They are looked at on the connected side.
  private mutating func look(intoParcel folder: Place) throws {
    for entry in try folder.entries(atMost: Self.mostEntries) {
      let kind = try folder.appending(entry).status()?.kind
      guard kind != .file || !ParcelNames.isPart(entry.name), !Self.isOfSystem(entry.name, kind) else { continue }
      let name = "\(folder.name)/\(entry.name)"
      if isDraft(entry.name, kind) { addLeftover(name) } else { add(name) }
    }
  }

  private mutating func add(_ name: String) {
    count += 1
    if names.count < Self.mostNames { names.append(ShownText.quoted(name)) }
  }

  /// Compares a bundle's folder with its manifest. What the manifest is worth is judged elsewhere.
  private mutating func look(into bundle: BundleReader, below prefix: String) throws {
    let manifest = try bundle.read(BundleNames.manifest, atMost: BundleLabel.maximumManifest) ?? []
    var listed = Self.tags
    for line in String(decoding: manifest, as: UTF8.self).split(separator: "\n") {
      if let gap = line.firstRange(of: "  ") { listed.insert(String(line[gap.upperBound...])) }
    }
    if bundle.folder.ignoresCase { listed = Set(listed.map { $0.lowercased() }) }
    let folders = Set(listed.flatMap(Self.folders))
    try walk(bundle.folder, "", depth: 0, prefix, listed, folders)
  }

  private static func folders(of path: String) -> [String] {
    let parts = path.byteParts.dropLast()
    return parts.indices.map { parts[parts.startIndex...$0].joined(separator: "/") }
  }

  private mutating func walk(
    _ folder: Place,
    _ path: String,
    depth: Int,
    _ prefix: String,
    _ listed: Set<String>,
    _ folders: Set<String>
  ) throws {
    for entry in try folder.entries(atMost: Self.mostEntries) {
      let inner = path + entry.name
      let kind = try folder.appending(entry).status()?.kind
      if kind == .folder && folders.contains(inner) && depth < Self.deepest {
        try walk(folder.appending(entry), inner + "/", depth: depth + 1, prefix, listed, folders)
      } else if isDraft(entry.name, kind) {
        addLeftover(prefix + inner)
      } else if !Self.isOfSystem(entry.name, kind),
        kind != .file || !(listed.contains(inner) || listed.contains(Self.withoutPiece(inner)))
      {
        add(prefix + inner)
      }
    }
  }

  /// The volume that a piece is of, by its name.
  private static func withoutPiece(_ path: String) -> String {
    guard let dot = path.utf8.lastIndex(of: UInt8(ascii: ".")) else { return path }
    guard let digits = path[dot...].removing(prefix: ".part"), digits.utf8.count >= 2,
      digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return path }
    return String(path[..<dot])
  }
}

extension ImportJob {
  /// Tells what lies on the medium beside bundles, and refuses it if that is wanted.
  ///
  /// - Returns: what does not belong there, quoted.
  func lookForStrangers() throws -> [String] {
    let bundles = try BundleReader.find(at: path)
    // That there is no bundle is what has to be said first.
    guard !bundles.isEmpty else { return [] }
    let strangers = try Strangers(at: path, bundles: bundles)
    if !strangers.leftovers.isEmpty {
      reporter.information(
        "leftovers",
        "\(path): \(Words.list(strangers.leftovers)): left by a run that was interrupted"
      )
    }
    guard let first = strangers.names.first else { return [] }
    let shown = strangers.names.prefix(4)
    let more = Words.more(than: shown.count, of: strangers.count)
    let message =
      "\(path): other files are on the stick: \(shown.joined(separator: ", "))\(more)"
    guard options.strict || configuration.strictImport else {
      reporter.warning("strangers", message + "; they are ignored")
      return strangers.names
    }
    throw JobError(
      .strangers,
      message,
      remedy: "Find out who put \(first) there; then remove it, or import without --strict. Nothing was changed here."
    )
  }
}
