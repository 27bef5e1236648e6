import Crypto
import Dispatch
import FileSystem
import MirrorTypes
import Synchronization
import SystemPackage

/// Writes the volumes on a thread of its own, while the caller's reads and checks objects.
final class VolumeThread: Sendable {
  /// Where the objects' bytes are put.
  let queue = ObjectQueue()

  /// What has come of the volumes.
  struct Outcome: Sendable {
    /// The volumes that are whole.
    var finished: [BundleManifest.Volume] = []
    /// The names of all that were begun.
    var names: [String] = []
    /// What went wrong.
    var failure: BundleError?
  }

  private let outcome = Mutex(Outcome())
  private let work = DispatchGroup()

  /// Begins to write volumes under temporary names.
  init(options: BundleOptions, names: BundleNames, folder: FilePath) {
    DispatchQueue.global().async(group: work) { [self] in
      var volumes = VolumeSequence(options: options, names: names, path: names.partial(in: folder))
      var outcome = Outcome()
      do throws(BundleError) {
        try bundling {
          while let chunk = queue.take() { try volumes.take(chunk) }
          try volumes.finish()
        }
        outcome.finished = volumes.finished
      } catch {
        outcome.failure = error
        queue.close()
      }
      outcome.names = volumes.names
      self.outcome.withLock { [outcome] in $0 = outcome }
    }
  }

  /// Tells that there are no more objects, and waits until all is written.
  func end() -> Outcome {
    queue.close()
    work.wait()
    return outcome.withLock { $0 }
  }
}

/// Reads objects into a queue.
struct ObjectReader {
  let queue: ObjectQueue
  /// How many bytes were read.
  private(set) var count: Int64 = 0
  private var buffer = [UInt8](repeating: 0, count: ObjectQueue.chunkSize)

  init(queue: ObjectQueue) { self.queue = queue }

  /// Reads one object.
  ///
  /// - Throws: ``BundleError/objectMismatch(_:_:)`` when it is not what its name says.
  mutating func read(_ object: ObjectDigest, _ size: Int64, from file: FilePath) throws {
    let input = try InputFile(file)
    guard input.size == size else { throw BundleError.objectMismatch(object, file) }
    input.adviseSequential()
    var hash = SHA256()
    var rest = size
    repeat {
      let got = rest > 0 ? try input.read(into: &buffer) : 0
      guard got > 0 || rest == 0, Int64(got) <= rest else { throw BundleError.objectMismatch(object, file) }
      let bytes = Array(buffer[..<got])
      hash.update(data: bytes)
      let chunk = ObjectQueue.Chunk(object: object, size: size, isFirst: rest == size, bytes: bytes)
      // Nobody takes it: what stopped the other side is told there.
      guard queue.put(chunk) else { throw BundleError.archive(file, "the volumes cannot be written") }
      rest -= Int64(got)
      count += Int64(got)
    } while rest > 0
    guard ObjectDigest(bytes: hash.finalize()) == object else { throw BundleError.objectMismatch(object, file) }
  }
}
