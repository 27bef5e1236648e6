import Crypto
import FileSystem
import MirrorTypes
import SystemPackage

/// Makes parity volumes of data volumes, and lost data volumes of the others, a block at a time.
package enum ParityFiles {
  /// The memory that the blocks of all volumes may take together.
  private static let memory = 32 << 20
  private static let largestBlock = 1 << 20
  private static let smallestBlock = 1 << 16

  /// A file to be made, and its bytes.
  package struct Output: Sendable {
    /// The file.
    package var place: Place
    /// Its bytes: what comes behind them is not written.
    package var size: Int64

    /// A file to be made.
    package init(_ place: Place, size: Int64) {
      self.place = place
      self.size = size
    }
  }

  /// Makes files of others. Inputs that are shorter than the longest output count as if zeros followed.
  ///
  /// - Parameters:
  ///   - inputs: the files of each volume that goes in, in the order of the transform.
  ///   - outputs: the files to be made, in the order of the transform.
  ///   - transform: what is done.
  ///   - progress: called with the bytes that were made of each output.
  /// - Returns: the SHA-256 of each output.
  /// - Throws: ``BundleError``; nothing of the outputs is left then.
  package static func make(
    _ outputs: [Output],
    of inputs: [[Place]],
    by transform: ParityTransform,
    progress: (Int64) -> Void = { _ in }
  ) throws(BundleError) -> [ObjectDigest] {
    do {
      return try bundling { try run(outputs, inputs, transform, progress) }
    } catch {
      for output in outputs { try? output.place.remove() }
      throw error
    }
  }

  private static func run(
    _ outputs: [Output],
    _ inputs: [[Place]],
    _ transform: ParityTransform,
    _ progress: (Int64) -> Void
  ) throws -> [ObjectDigest] {
    let count = inputs.count + outputs.count
    let stride = max(smallestBlock, min(largestBlock, memory / max(1, count) & ~0xFFFF))
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: stride * count, alignment: 4096)
    defer { buffer.deallocate() }
    let sources = try inputs.map { try JoinedInput($0) }
    let files = try outputs.map { try ParityOutput($0) }
    let longest = outputs.map(\.size).max() ?? 0
    var done: Int64 = 0
    while done < longest {
      let length = Int(min(Int64(stride), longest - done))
      for (number, source) in sources.enumerated() {
        let block = UnsafeMutableRawBufferPointer(rebasing: buffer[(number * stride)..<(number * stride + length)])
        let read = try source.fill(block)
        UnsafeMutableRawBufferPointer(rebasing: block[read...]).initializeMemory(as: UInt8.self, repeating: 0)
      }
      transform.apply(length: length, stride: stride, in: buffer)
      for (number, file) in files.enumerated() {
        let start = (sources.count + number) * stride
        try file.write(UnsafeRawBufferPointer(rebasing: buffer[start..<(start + length)]))
      }
      done = done + Int64(length)
      progress(done)
    }
    return try files.map { try $0.finish() }
  }
}

/// A file that is being made, with its digest.
private final class ParityOutput {
  private var file: OutputFile
  private var hash = SHA256()
  private var rest: Int64
  private let path: FilePath

  init(_ output: ParityFiles.Output) throws(FileError) {
    file = try OutputFile(output.place)
    rest = output.size
    path = output.place.shown
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    let wanted = UnsafeRawBufferPointer(rebasing: bytes[..<Int(min(rest, Int64(bytes.count)))])
    hash.update(bufferPointer: wanted)
    try file.write(wanted)
    rest -= Int64(wanted.count)
  }

  func finish() throws -> ObjectDigest {
    try file.sync()
    try file.close()
    guard let digest = ObjectDigest(bytes: hash.finalize()) else { throw BundleError.archive(path, "no digest") }
    return digest
  }
}
