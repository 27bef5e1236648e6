import FileSystem
import JobCore
import SystemPackage

/// What lies in the store unfinished.
struct LeftoversCheck: DoctorCheck {
  func findings(in patient: Patient) -> [Finding] {
    guard patient.store != nil else { return [] }
    let folders = patient.folders
    let left =
      patient.found("leftovers.incoming") {
        try Self.left(
          in: folders.incoming,
          "leftovers.incoming",
          "an import of a bundle is unfinished",
          remedy: "Import the rest of it, or give it up with 'kscmirror import --forget-incoming'."
        )
      }
      + patient.found("leftovers.outgoing") {
        try Self.left(
          in: folders.outgoing,
          "leftovers.outgoing",
          "a bundle is not yet spread over all its sticks",
          remedy: "Go on with 'kscmirror pack --continue', or give it up with 'kscmirror pack --abandon'."
        )
      }
      + patient.found("leftovers.parcels") {
        try Self.parcels(in: folders.parcels.appending("out"), patient)
      }
    return left.isEmpty ? [.ok("leftovers.none", "there is nothing unfinished here")] : left
  }

  private static func left(
    in folder: FilePath,
    _ name: String,
    _ what: String,
    remedy: String
  ) throws -> [Finding] {
    guard try Files.status(folder) != nil else { return [] }
    let names = try Files.entries(of: folder, atMost: 1000).filter { $0.kind == .folder && $0.name != "lock" }
    // An empty folder is what is left when all is done.
    var full: [String] = []
    for entry in names where try !Files.entries(of: folder.appending(entry.name), atMost: 1).isEmpty {
      full.append(entry.name)
    }
    guard !full.isEmpty else { return [] }
    return [.warning(name, "\(what): \(full.map { "\(folder)/\($0)" }.joined(separator: ", "))", remedy: remedy)]
  }

  /// Parcels that a killed run was making: the next one that makes parcels removes them.
  private static func parcels(in folder: FilePath, _ patient: Patient) throws -> [Finding] {
    guard try Files.status(folder) != nil else { return [] }
    var dead: [FilePath] = []
    for entry in try Files.entries(of: folder, atMost: 100_000) where entry.name.hasSuffix(".part") {
      let path = folder.appending(entry.name)
      // One that is being made is younger.
      if let status = try Files.status(path), patient.now.seconds(since: status.modified) > 3600 { dead.append(path) }
    }
    guard let first = dead.first else { return [] }
    return [
      .warning(
        "leftovers.parcels",
        "an unfinished parcel was left by a run that was killed: \(first)",
        remedy: "The next export removes it; nothing of it has left."
      )
    ]
  }
}
