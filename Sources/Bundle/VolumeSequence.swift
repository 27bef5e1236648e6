import MirrorTypes
import SystemPackage

/// Writes objects into one volume after the other. Each volume is an archive of its own.
struct VolumeSequence {
  private let options: BundleOptions
  private let bundleNames: BundleNames
  private let path: (String) -> FilePath
  private var current: VolumeWriter?
  /// The bytes of content given to the current volume, and what may still wait in the compressor of them.
  private var given: Int64 = 0
  /// The object that is being written, what is still to come of it, of its current part, and the number of that.
  private var open: (object: ObjectDigest, size: Int64, rest: Int64, partRest: Int64, part: Int)?

  /// The volumes that are whole.
  private(set) var finished: [BundleManifest.Volume] = []
  /// The names of all volumes begun.
  private(set) var names: [String] = []

  /// What every entry may cost beside its content: headers, padding.
  private static let entryOverhead: Int64 = 2048
  /// What a volume has beside its entries: the archive's end, the frame.
  private static let volumeOverhead: Int64 = 64 << 10

  init(options: BundleOptions, names: BundleNames, path: @escaping (String) -> FilePath) {
    self.options = options
    bundleNames = names
    self.path = path
  }

  /// Takes the next bytes: of a new object, or of the one before.
  mutating func take(_ chunk: ObjectQueue.Chunk) throws {
    if chunk.isFirst {
      open = (chunk.object, chunk.size, chunk.size, 0, 0)
      if chunk.size == 0 { try beginPart() }
    }
    try chunk.bytes.withUnsafeBytes { bytes in
      var bytes = bytes
      while !bytes.isEmpty {
        if open?.partRest == 0 { try beginPart() }
        let count = Int(min(Int64(bytes.count), open?.partRest ?? 0))
        try current?.write(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        open?.rest -= Int64(count)
        open?.partRest -= Int64(count)
        bytes = UnsafeRawBufferPointer(rebasing: bytes[count...])
      }
    }
  }

  /// Begins the next entry of the object: all of it, or as much as a volume holds.
  private mutating func beginPart() throws {
    guard let (object, size, rest, _, part) = open else { return }
    let largest = options.volumeSize - options.volumeSize / 64 - Self.volumeOverhead - Self.entryOverhead
    let count = min(rest, largest)
    let volume = try volume(with: count)
    try volume.begin(EntryName(object: object, part: count == size ? nil : part + 1).text, size: count)
    given += count + Self.entryOverhead
    open = (object, size, rest, count, part + 1)
  }

  /// The volume that has room for `size` more bytes, even if nothing that waits in the compressor gets any smaller.
  private mutating func volume(with size: Int64) throws -> VolumeWriter {
    if let current {
      let waiting = min(given, compressorBound)
      let worst = current.bytesWritten + waiting + size
      if worst + worst / 64 + Self.volumeOverhead + Self.entryOverhead <= options.volumeSize { return current }
      try finishCurrent()
    }
    guard finished.count < BundleNames.maximumVolumes else {
      throw BundleError.archive(
        path(bundleNames.volume(0)),
        "more than \(BundleNames.maximumVolumes) volumes; choose a larger size"
      )
    }
    let name = bundleNames.volume(finished.count)
    names.append(name)
    let volume = try VolumeWriter(path(name), level: options.compressionLevel, threads: options.threads)
    current = volume
    given = 0
    return volume
  }

  /// The most content that waits in zstd: one job for each thread, and some that are being filled or written.
  private var compressorBound: Int64 {
    Int64(options.threads + 3) * max(Int64(ZstdCompressor.jobSize), options.compressionLevel < 13 ? 4 << 20 : 8 << 20)
  }

  private mutating func finishCurrent() throws {
    guard let volume = current else { return }
    current = nil
    finished.append(try volume.finish(name: bundleNames.volume(finished.count)))
  }

  /// Ends the last volume.
  mutating func finish() throws { try finishCurrent() }
}

/// The name of an entry of a volume: an object, or a part of one that is larger than a volume.
struct EntryName: Equatable {
  let object: ObjectDigest
  /// The part, counted from 1; `nil` for a whole object.
  let part: Int?

  init(object: ObjectDigest, part: Int?) {
    self.object = object
    self.part = part
  }

  /// `objects/ab/cdef…`, with `.part1` and so on behind it for a part.
  var text: String {
    let hex = object.hex
    return "objects/\(hex.prefix(2))/\(hex.dropFirst(2))" + (part.map { ".part\($0)" } ?? "")
  }

  /// Reads a name; `nil` for what is none.
  init?(_ text: String) {
    let pieces = text.split(separator: "/", omittingEmptySubsequences: false)
    guard pieces.count == 3, pieces[0] == "objects", pieces[1].utf8.count == 2 else { return nil }
    let halves = pieces[2].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let object = ObjectDigest(hex: pieces[1] + halves[0]) else { return nil }
    self.object = object
    if halves.count == 1 {
      part = nil
    } else {
      guard halves[1].hasPrefix("part"), let number = Int(halves[1].dropFirst(4)), number >= 1 else { return nil }
      part = number
    }
    guard self.text == text else { return nil }
  }
}
