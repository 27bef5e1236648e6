import MirrorTypes

/// Reads a tar archive once, from beginning to end: plain files alone, in the form that kscmirror-pack(1) writes (ustar, with
/// pax headers for what does not fit), and what others write of it.
///
/// Written in Swift, which leaves no bounds unchecked: a stream's first bytes come from whoever sends them.
package final class TarReader {
  /// Why it is no such archive, in words.
  package struct Problem: Error { package let words: String }

  /// What an archive has.
  package enum Entry {
    /// A plain file.
    case file(name: String, size: Int64)
    /// A link, a folder, a device, or something else that a bundle never has. Nothing behind it is read.
    case other(name: String)
  }

  /// Fills the beginning of a buffer: with how many bytes; 0 at the end.
  package typealias Source = (UnsafeMutableRawBufferPointer) throws -> Int

  private static let block = 512
  /// The most bytes of a pax header: a path has at most 4,096.
  private static let largestHeader = 64 << 10

  private let source: Source
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
  /// The bytes of the buffer that were not handed out yet.
  private var ready = 0..<0
  /// What is left of the current file, and what fills up its last block.
  private var rest: Int64 = 0
  private var padding = 0
  private var isAtEnd = false

  /// A reader of what a source gives.
  package init(from source: @escaping Source) { self.source = source }

  deinit { buffer.deallocate() }

  // MARK: - Entries

  /// The next entry; `nil` at the end of the archive.
  ///
  /// - Throws: ``Problem``; what the source throws.
  package func next() throws -> Entry? {
    if isAtEnd { return nil }
    try read { _ in }
    guard let header = try nextHeader() else {
      isAtEnd = true
      return nil
    }
    guard header.kind == .extended else { return try entry(header, TarExtension()) }
    let more = try readExtension(of: header)
    guard let next = try nextHeader(), next.kind != .extended else {
      throw Problem(words: "a header for the next file is followed by none")
    }
    return try entry(next, more)
  }

  private func entry(_ header: TarHeader, _ more: TarExtension) throws -> Entry {
    let name = String(decoding: more.path ?? header.name, as: UTF8.self)
    guard header.kind == .file, !more.isStrange else { return .other(name: name) }
    guard let size = more.size ?? header.size else { throw Problem(words: "a file's size is not readable") }
    rest = size
    padding = (Self.block - Int(size % Int64(Self.block))) % Self.block
    return .file(name: name, size: size)
  }

  /// Hands out what was not read yet of the current file.
  ///
  /// - Throws: ``Problem`` when the archive ends before; what the source or `body` throws.
  package func read(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    while rest > 0 {
      if ready.isEmpty { try fill() }
      let count = Int(min(rest, Int64(ready.count)))
      let bytes = UnsafeRawBufferPointer(rebasing: buffer[ready.lowerBound..<(ready.lowerBound + count)])
      rest -= Int64(count)
      ready = (ready.lowerBound + count)..<ready.upperBound
      try body(bytes)
    }
    if padding > 0 {
      _ = try take(padding)
      padding = 0
    }
  }

  // MARK: - Headers

  private func nextHeader() throws -> TarHeader? {
    let block = try take(Self.block)
    if block.allSatisfy({ $0 == 0 }) {
      // Two of them end an archive; the second is not missed.
      if ready.count >= Self.block { _ = try take(Self.block) }
      return nil
    }
    guard let header = TarHeader(block) else { throw Problem(words: "a header of it is damaged, or of no known form") }
    return header
  }

  private func readExtension(of header: TarHeader) throws -> TarExtension {
    guard let size = header.size, size <= Self.largestHeader else {
      throw Problem(words: "a header of it is larger than any file needs")
    }
    let bytes = try take(Int(size))
    guard let more = TarExtension(Array(bytes)) else { throw Problem(words: "a pax header of it is damaged") }
    padding = (Self.block - Int(size) % Self.block) % Self.block
    try read { _ in }
    return more
  }

  // MARK: - Bytes

  /// The next bytes, which are good until more are taken.
  private func take(_ count: Int) throws -> UnsafeRawBufferPointer {
    while ready.count < count { try fill() }
    let start = ready.lowerBound
    ready = (start + count)..<ready.upperBound
    return UnsafeRawBufferPointer(rebasing: buffer[start..<(start + count)])
  }

  /// Gets further bytes behind those that are ready.
  private func fill() throws {
    if ready.lowerBound > 0 {
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[ready]))
      ready = 0..<ready.count
    }
    let count = try source(UnsafeMutableRawBufferPointer(rebasing: buffer[ready.upperBound...]))
    guard count > 0 else { throw Problem(words: "it ends too soon") }
    ready = ready.lowerBound..<(ready.upperBound + count)
  }
}
