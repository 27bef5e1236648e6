import Crypto
import FileSystem
import MirrorTypes
import SystemPackage

/// Writes objects into one volume after the other. Each volume is an archive of its own.
struct VolumeSequence {
  private let options: BundleOptions
  private let bundleNames: BundleNames
  private let path: (String) -> Place
  private var current: VolumeWriter?
  /// The bytes of content given to the current volume, and what may still wait in the compressor of them.
  private var given = ByteCount.zero
  private var contentDone: Int64 = 0
  private var patches = 0
  private var buffer: [UInt8]

  /// The volumes that are whole.
  private(set) var finished: [Volume] = []

  /// What every entry may cost beside its content: headers, padding.
  private static let entryOverhead: Int64 = 2048
  /// What a volume has beside its entries: the archive's end, the frame.
  private static let volumeOverhead: Int64 = 64 << 10

  init(options: BundleOptions, names: BundleNames, path: @escaping (String) -> Place) {
    self.options = options
    bundleNames = names
    self.path = path
    buffer = [UInt8](repeating: 0, count: 1 << 18)
  }

  /// Adds an object, in parts if it does not fit one volume.
  mutating func add(
    _ object: ObjectDigest,
    _ size: Int64,
    from file: FilePath,
    _ progress: (Int64) -> Void
  ) throws {
    let input = try InputFile(file)
    guard input.size == size else { throw BundleError.objectMismatch(object, file) }
    input.adviseSequential()
    var hash = SHA256()
    var rest = size
    var part = 0
    let largest = options.volumeSize - options.volumeSize / 64 - Self.volumeOverhead - Self.entryOverhead
    repeat {
      let count = min(rest, largest)
      let isWhole = count == size
      part += 1
      let name = EntryName.object(object, part: isWhole ? nil : part)
      try write(name, count, of: object, from: input, &hash, progress)
      rest -= count
    } while rest > 0
    guard ObjectDigest(bytes: hash.finalize()) == object else { throw BundleError.objectMismatch(object, file) }
  }

  private mutating func write(
    _ name: EntryName,
    _ size: Int64,
    of object: ObjectDigest,
    from input: borrowing InputFile,
    _ hash: inout SHA256,
    _ progress: (Int64) -> Void
  ) throws {
    let volume = try volume(with: size)
    try volume.begin(name.text, size: size)
    var rest = size
    while rest > 0 {
      let count = try input.read(into: &buffer, atMost: Int(min(rest, Int64(buffer.count))))
      guard count > 0 else { throw BundleError.objectMismatch(object, input.path) }
      hash.update(data: buffer[..<count])
      try buffer.withUnsafeBytes { try volume.write(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      rest -= Int64(count)
      contentDone += Int64(count)
    }
    progress(contentDone)
    given.add(size + Self.entryOverhead)
  }

  /// Adds a patch, with the list of its files before it.
  mutating func add(_ patch: MadePatch, _ progress: (Int64) -> Void) throws {
    patches += 1
    let list = PatchList(patch.group).text
    let volume = try volume(with: Int64(list.count + patch.frame.count) + Self.entryOverhead)
    for (name, bytes) in [(EntryName.patchFiles(patches), list), (.patch(patches), patch.frame)] {
      try volume.begin(name.text, size: Int64(bytes.count))
      try bytes.withUnsafeBytes { try volume.write($0) }
      given.add(Int64(bytes.count) + Self.entryOverhead)
    }
    contentDone += patch.group.contentBytes
    progress(contentDone)
  }

  /// The volume that has room for `size` more bytes, even if nothing that waits in the compressor gets any smaller.
  private mutating func volume(with size: Int64) throws -> VolumeWriter {
    if let current {
      let waiting = min(given.value, compressorBound)
      let worst = current.bytesWritten + waiting + size
      if worst + worst / 64 + Self.volumeOverhead + Self.entryOverhead <= options.volumeSize { return current }
      try finishCurrent()
    }
    guard finished.count < maximumVolumes else {
      throw BundleError.archive(
        path(bundleNames.volume(0)).shown,
        "more than \(maximumVolumes) volumes; choose a larger size, or no parity"
      )
    }
    let name = bundleNames.volume(finished.count)
    let volume = try VolumeWriter(path(name), level: options.compressionLevel, threads: options.threads)
    current = volume
    given = .zero
    return volume
  }

  /// Parity is made of so many volumes at the most.
  private var maximumVolumes: Int {
    options.parity == 0 ? BundleNames.maximumVolumes : ParityCode.maximumVolumes - options.parity
  }

  /// The most content that waits in zstd: one job for each thread, and some that are being filled or written.
  private var compressorBound: Int64 {
    Int64(options.threads + 3) * max(Int64(ZstdCompressor.jobSize), options.compressionLevel < 13 ? 4 << 20 : 8 << 20)
  }

  private mutating func finishCurrent() throws {
    guard let volume = current else { return }
    current = nil
    let name = bundleNames.volume(finished.count)
    let done = try volume.finish(name: name)
    // Only now its SHA-256 is known, which its file may be named after.
    try path(name).rename(to: path(options.naming.file(of: done).text))
    finished.append(done)
  }

  /// Ends the last volume.
  mutating func finish() throws { try finishCurrent() }
}
