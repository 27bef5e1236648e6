import Catalogue
import Crypto
import FileSystem
import Glibc
import MirrorTypes
import Synchronization
import SystemPackage

/// An object that was written whole.
package struct FinishedObject: Hashable, Sendable {
  /// The SHA-256 of its bytes.
  package let digest: ObjectDigest
  /// Its size in bytes.
  package let size: Int64
  /// Whether its bytes are new to the store; `false` if it had them already.
  package let isNew: Bool
}

/// One object being written: its bytes go to a file and into SHA-256 in one pass.
///
/// Up to 64 KiB stay in memory until ``finish()``. It never touches the catalogue, so that a transfer thread may use
/// it; one thread at a time. A writer that is dropped is abandoned.
package final class ObjectWriter: Sendable {
  /// Objects up to this many bytes are written in one go when they are finished.
  static let bufferSize = 65_536

  private struct State: ~Copyable {
    var hasher = SHA256()
    var count: Int64 = 0
    var buffer: [UInt8] = []
    var file: OutputFile?
    var path: FilePath?
    var isClosed = false
    /// What the server said by which a later run can know that the rest belongs to these bytes.
    var tag: String?
    /// Whether it lies beside the file.
    var isTagKept = false
  }

  private let store: ContentStore
  /// The key as part of a file name; `nil` if the file cannot be resumed.
  private let key: String?
  private let state: Mutex<State>

  init(store: ContentStore, resuming key: String?) throws(StoreError) {
    self.store = store
    let name = key.map(PartialFiles.name(ofKey:))
    // A second writer with the same key at the same time gets a file of its own, and cannot be resumed.
    let isFree = store.intake.open(key: name)
    self.key = isFree ? name : nil
    state = Mutex(State())
    if let name = self.key { try resume(name) }
  }

  deinit { abandon() }

  /// How many bytes the object has so far: where to go on.
  package var offset: Int64 { state.withLock { $0.count } }

  /// What was noted of the bytes that an earlier run has left: see ``note(tag:)``; `nil` when there is nothing.
  package var tag: String? { state.withLock { $0.tag } }

  /// Notes by what a later run can know that the rest belongs to these bytes. It is kept beside them if they are.
  package func note(tag: String?) { state.withLock { $0.tag = tag } }

  /// Starts over with nothing.
  package func restart() throws(StoreError) {
    try state.withLock { (state) throws(StoreError) in
      guard !state.isClosed else { throw .writerClosed }
      state.file = nil
      if let path = state.path { try withFiles { () throws(FileError) in try Files.remove(path) } }
      state.path = nil
      removeTag(&state)
      state.hasher = SHA256()
      state.count = 0
      state.buffer.removeAll(keepingCapacity: true)
    }
  }

  /// Adds bytes at the end.
  ///
  /// - Throws: ``StoreError/outOfSpace(_:)`` among others; the writer can then only be abandoned.
  package func append(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
    guard !bytes.isEmpty else { return }
    try state.withLock { (state) throws(StoreError) in
      guard !state.isClosed else { throw .writerClosed }
      if state.file == nil, state.buffer.count + bytes.count <= Self.bufferSize {
        state.buffer.append(contentsOf: bytes)
      } else {
        do throws(FileError) {
          try spill(&state)
          try state.file?.write(bytes)
          if state.count + Int64(bytes.count) >= PartialFiles.smallestKept { try keepTag(&state) }
        } catch {
          throw StoreError(error)
        }
      }
      state.hasher.update(bufferPointer: bytes)
      state.count += Int64(bytes.count)
    }
  }

  /// Ends the object and moves it to its place. It is named in the catalogue by ``ContentStore/commitObjects()``.
  package func finish() throws(StoreError) -> FinishedObject {
    try state.withLock { (state) throws(StoreError) in
      guard !state.isClosed else { throw .writerClosed }
      let digest = ObjectDigest(state.hasher.finalize())
      let size = state.count
      let isNew: Bool
      do throws(FileError) {
        isNew = try store.intake.take(digest, size: size) { () throws(FileError) in try complete(&state) }
        if !isNew, let path = state.path { try Files.remove(path) }
        removeTag(&state)
      } catch {
        throw StoreError(error)
      }
      close(&state)
      return FinishedObject(digest: digest, size: size, isNew: isNew)
    }
  }

  /// Gives the object up. A file of 1 MiB or more that has a key stays for a later run; all else is removed.
  ///
  /// - Parameter isDistrusted: whether the bytes are not worth going on with: they are removed in any case.
  package func abandon(isDistrusted: Bool = false) {
    state.withLock { state in
      guard !state.isClosed else { return }
      if let path = state.path {
        if let key, state.count >= PartialFiles.smallestKept, !isDistrusted {
          keep(&state, path, key)
        } else {
          try? Files.remove(path)
          removeTag(&state)
        }
      }
      close(&state)
    }
  }

  // MARK: - Steps

  private func close(_ state: inout State) {
    state.file = nil
    state.buffer = []
    state.isClosed = true
    store.intake.close(key: key)
  }

  /// Opens the file and moves what is in memory there.
  private func spill(_ state: inout State) throws(FileError) {
    guard state.file == nil else { return }
    let path =
      if let key {
        PartialFiles(store.layout.partial).livePath(key, boot: PartialFiles.boot())
      } else {
        store.intake.temporaryPath()
      }
    var file = try OutputFile(path)
    state.path = path
    try file.write(state.buffer)
    state.file = consume file
    state.buffer = []
  }

  /// The finished file under its temporary name, read-only.
  private func complete(_ state: inout State) throws(FileError) -> FilePath {
    if let path = state.path {
      try state.file?.close()
      state.file = nil
      guard chmod(path.string, 0o444) == 0 else { throw .current("make read-only", path) }
      return path
    }
    let path = store.intake.temporaryPath()
    state.path = path
    var file = try OutputFile(path, permissions: 0o444)
    try file.write(state.buffer)
    try file.close()
    return path
  }

  /// Puts the tag beside the file. A torn one does no harm: no server knows it.
  private func keepTag(_ state: inout State) throws(FileError) {
    guard let key, let tag = state.tag, !state.isTagKept else { return }
    let path = PartialFiles(store.layout.partial).tagPath(key)
    try Files.remove(path)
    var file = try OutputFile(path)
    try file.write(Array(tag.utf8))
    try file.close()
    state.isTagKept = true
  }

  private func removeTag(_ state: inout State) {
    state.tag = nil
    guard state.isTagKept, let key else { return }
    try? Files.remove(PartialFiles(store.layout.partial).tagPath(key))
    state.isTagKept = false
  }

  private func keep(_ state: inout State, _ path: FilePath, _ key: String) {
    do {
      try state.file?.sync()
      try state.file?.close()
      state.file = nil
      guard chmod(path.string, 0o644) == 0 else { throw FileError.current("keep", path) }
      try Files.rename(path, to: PartialFiles(store.layout.partial).keptPath(key))
    } catch {
      // Not being able to keep it costs a download, no more.
      try? Files.remove(path)
    }
  }

  /// Goes on with the file that an earlier writer left under the key, if there is one.
  private func resume(_ key: String) throws(StoreError) {
    let files = PartialFiles(store.layout.partial)
    let live = files.livePath(key, boot: PartialFiles.boot())
    do {
      for path in [files.keptPath(key), live] {
        guard let status = try Files.status(path), status.kind == .file else { continue }
        if path != live { try Files.rename(path, to: live) }
        try state.withLock { (state) throws(FileError) in
          let file = try InputFile(live)
          file.adviseSequential()
          state.count = try FileDigest.hash(file, into: &state.hasher)
          state.file = try OutputFile(live, append: true)
          state.path = live
          if let tag = try? Files.read(files.tagPath(key), atMost: PartialFiles.longestTag) {
            state.tag = String(decoding: tag, as: UTF8.self)
            state.isTagKept = true
          }
        }
        return
      }
    } catch {
      throw StoreError(error)
    }
  }
}
