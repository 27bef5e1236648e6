import FileSystem
import MirrorTypes
import SystemPackage

/// A bundle as one tar archive, for data diodes and pipes (kscmirror-bundle(5)): what can be verified first comes first.
package enum BundleStream {
  /// The files of a bundle's folder, in the order in which they are streamed.
  static func names(in bundle: BundleReader) throws(FileError) -> [String] {
    var names = tags.sorted { ($0 != BundleNames.label ? 1 : 0, $0) < ($1 != BundleNames.label ? 1 : 0, $1) }
    for folder in [BundleNames.metadata, BundleNames.volumes] {
      names += try bundle.folder.pushing(folder).entries().map { "\(folder)/\($0.name)" }
    }
    return names
  }

  static let tags: Set<String> = [
    BundleNames.label, Bag.declaration, Bag.info, Bag.manifest, Bag.tagManifest,
  ]

  /// Writes a bundle to an open file, which may be a pipe.
  ///
  /// - Parameter progress: called with the bytes that were written.
  package static func write(
    _ bundle: BundleReader,
    to descriptor: FileDescriptor,
    progress: (Int64) -> Void
  ) throws(BundleError) {
    let writer = try TarWriter(naming: bundle.folder.shown) { bytes in
      do { try descriptor.writeAll(bytes) } catch {
        throw FileError("write the stream of", bundle.folder.shown, error as? Errno ?? .ioError)
      }
    }
    try bundling {
      var done: Int64 = 0
      var buffer = [UInt8](repeating: 0, count: 1 << 18)
      for name in try names(in: bundle) {
        let file = try InputFile(bundle.folder.pushing(name))
        try writer.begin("\(bundle.name)/\(name)", size: file.size)
        var rest = file.size
        while rest > 0 {
          let count = try file.read(into: &buffer, atMost: Int(min(rest, Int64(buffer.count))))
          guard count > 0 else { throw BundleError.fileDamaged(file.path, "it became shorter while it was read") }
          try buffer.withUnsafeBytes { try writer.write(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
          rest -= Int64(count)
          done += Int64(count)
          progress(done)
        }
      }
      try writer.finish()
    }
  }
}

/// Reads a bundle from a stream into a folder. Only what a bundle may have is taken: plain files with names of its own,
/// each once, in bounded number and size.
package final class BundleStreamReader {
  /// A file of the stream.
  package struct Entry: Sendable, Hashable {
    /// Its path below the bundle's folder.
    package let path: String
    /// Its bytes.
    package let size: Int64
    /// The name of the file of a volume or parity volume, if it is one.
    package let volume: VolumeFileName?
  }

  /// The most files beside volumes.
  private static let mostFiles = 1_000
  /// The most bytes of a file that is not a volume.
  private static let largestFile: Int64 = 256 << 20
  /// The most bytes of all of those.
  private static let largestSum: Int64 = 1 << 30

  private let archive: ArchiveReader
  private let name: FilePath
  private let folder: Place
  private var seen: Set<String> = []
  private var others = 0
  private var sum = ByteCount.zero
  /// The bundle's folder, as the first entry tells it.
  package private(set) var bundle: String?

  /// Reads an open file.
  ///
  /// - Parameters:
  ///   - name: what it is called in errors.
  ///   - folder: where the bundle's folder is made.
  package init(_ descriptor: FileDescriptor, called name: FilePath, into folder: Place) {
    (self.name, self.folder) = (name, folder)
    archive = ArchiveReader(naming: name, reading: descriptor) { .streamCut(name, $0) }
  }

  /// The next file; `nil` at the end.
  package func next() throws(BundleError) -> Entry? { try archive.next { accepted($0, size: $1) } }

  private func accepted(_ path: String, size: Int64) -> Entry? {
    guard let top = path.byteParts(keepingEmpty: true).first.map(String.init),
      let inner = path.removing(prefix: top + "/"),
      BundleNames(folder: top) != nil, bundle.map({ $0.hasSameBytes(as: top) }) ?? true
    else { return nil }
    bundle = top
    guard seen.count < Self.mostFiles + BundleNames.maximumVolumes, seen.insert(inner).inserted else { return nil }
    if let volume = inner.removing(prefix: BundleNames.volumes + "/") {
      return Self.isFileName(volume) ? Entry(path: inner, size: size, volume: VolumeFileName(volume)) : nil
    }
    let isMetadata = inner.removing(prefix: BundleNames.metadata + "/").map(Self.isFileName) ?? false
    others += 1
    sum.add(size)
    guard others <= Self.mostFiles, isMetadata || BundleStream.tags.contains(inner), size <= Self.largestFile,
      sum.value <= Self.largestSum
    else {
      return nil
    }
    return Entry(path: inner, size: size, volume: nil)
  }

  /// Letters, digits, dots and hyphens, no dot first.
  private static func isFileName(_ name: String) -> Bool {
    !name.isEmpty && !name.hasBytePrefix(".") && name.utf8.count <= 200
      && name.utf8.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
      }
  }

  /// Writes the file to its place.
  package func save(_ entry: Entry) throws(BundleError) {
    try bundling {
      let place = folder.appending(bundle ?? "").pushing(entry.path)
      try place.parent.makeFolder()
      var output = try OutputFile(place)
      try archive.read { bytes in
        guard output.count + Int64(bytes.count) <= entry.size else {
          throw BundleError.unexpectedEntry(entry.path, name)
        }
        try output.write(bytes)
      }
      try output.close()
    }
  }
}
