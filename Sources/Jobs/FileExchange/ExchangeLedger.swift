import FileSystem
import JobCore
import MirrorTypes
import StoreTrust
import StrictJSON
import SystemPackage
import Trust

/// What has left an exchange folder for one receiver: each file leaves once, and again when it has changed.
struct ExchangeLedger {
  /// A file that has left.
  struct Entry: Sendable, Hashable {
    var path: TreePath
    var sha256: Digest256
    /// The parcel or delivery that it has left in.
    var parcel: ParcelHeader.Previous
  }

  private let file: StateFile
  private(set) var entries: [TreePath: Entry] = [:]
  /// With the preset for patches: the lists of required updates that a delivery has answered, by its number.
  private(set) var answered: [Int64: [TreePath: Digest256]] = [:]

  /// Reads the ledger of a folder.
  ///
  /// - Parameter site: the site that files go to; `nil`: to the connected side.
  init(_ store: FilePath, _ name: String, to site: String?) throws {
    file = StateFile(
      Self.root(store).appending(site.map { "to-\($0)" } ?? "out").appending("\(name).json"),
      kind: "kscmirror exchange",
      remedy: "Remove it: files that have left would leave again then.",
      maximumSize: 64 << 20,
      isPrivate: true
    )
    guard let object = try file.read() else { return }
    guard let listed = object["files"]?.array, let answers = object["answered"]?.array else { throw file.damaged }
    for value in listed {
      guard let (path, digest) = Self.file(value),
        let parcel = value.object?["parcel"].flatMap(ParcelHeader.Previous.init)
      else { throw file.damaged }
      entries[path] = Entry(path: path, sha256: digest, parcel: parcel)
    }
    for value in answers {
      guard let number = value.object?["delivery"]?.integer, let files = value.object?["files"]?.array else {
        throw file.damaged
      }
      for inner in files {
        guard let (path, digest) = Self.file(inner) else { throw file.damaged }
        answered[number, default: [:]][path] = digest
      }
    }
  }

  static func root(_ store: FilePath) -> FilePath { StoreFolders(store).exchange }

  private static func file(_ value: JSONValue) -> (TreePath, Digest256)? {
    guard let path = value.object?["path"]?.string.flatMap({ try? TreePath($0) }),
      let digest = value.object?["sha256"]?.string.flatMap({ Digest256(hex: $0) })
    else { return nil }
    return (path, digest)
  }

  /// Whether a file has left as it is.
  func hasLeft(_ file: ExchangeScan.File) -> Bool { entries[file.path]?.sha256 == file.sha256 }

  /// Notes what has left in a parcel.
  mutating func note(
    _ files: [ExchangeScan.File],
    in parcel: ParcelHeader.Previous,
    answering lists: [ExchangeScan.File] = []
  ) throws {
    for file in files { entries[file.path] = Entry(path: file.path, sha256: file.sha256, parcel: parcel) }
    for list in lists { answered[parcel.number, default: [:]][list.path] = list.sha256 }
    try save()
  }

  /// Forgets what need not be known any more.
  mutating func forget(_ paths: [TreePath], answers numbers: [Int64] = []) throws {
    for path in paths { entries[path] = nil }
    for number in numbers { answered[number] = nil }
    try save()
  }

  private func save() throws {
    func value(_ path: TreePath, _ digest: Digest256) -> JSONObject {
      ["path": .string(path.string), "sha256": .string(digest.hex)]
    }
    let files = entries.values.sorted { $0.path < $1.path }.map { entry -> JSONValue in
      var object = value(entry.path, entry.sha256)
      object["parcel"] = .object([
        "number": .integer(entry.parcel.number), "sha256": .string(entry.parcel.digest.hex),
      ])
      return .object(object)
    }
    let answers = answered.sorted { $0.key < $1.key }.map { number, lists -> JSONValue in
      .object([
        "delivery": .integer(number),
        "files": .array(lists.sorted { $0.key < $1.key }.map { .object(value($0.key, $0.value)) }),
      ])
    }
    try file.write(["files": .array(files), "answered": .array(answers)])
  }
}
