import FileSystem
import SystemPackage

/// Makes the parity volumes of a bundle that is being written.
struct ParityMaking {
  let names: BundleNames
  let naming: VolumeNaming
  let folder: Place

  /// Makes `count` parity volumes of `volumes`, which lie in the folder; each is as large as the largest of them.
  func make(_ count: Int, of volumes: [Volume]) throws(BundleError) -> [Volume] {
    guard count > 0, !volumes.isEmpty else { return [] }
    guard let code = ParityCode(data: volumes.count, parity: count) else {
      throw .archive(
        folder.shown,
        "\(volumes.count) volumes and \(count) of parity are more than \(ParityCode.maximumVolumes); choose a larger size"
      )
    }
    let size = volumes.map(\.size).max() ?? 0
    let parities: [String] = (1...count).map { self.names.parity($0) }
    let digests = try ParityFiles.make(
      parities.map { ParityFiles.Output(folder.appending($0), size: size) },
      of: volumes.map { [folder.appending(naming.file(of: $0).text)] },
      by: code.encoder
    )
    let made = parities.indices.map { number in
      Volume(
        name: parities[number],
        size: size,
        sha256: digests[number],
        entries: 0,
        contentBytes: 0,
        parity: number + 1
      )
    }
    return try bundling {
      for volume in made {
        try folder.appending(volume.name).rename(to: folder.appending(naming.file(of: volume).text))
      }
      return made
    }
  }
}
