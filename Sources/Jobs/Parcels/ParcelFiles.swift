import BundleFormat
import FileSystem
import JobCore
import MirrorTypes
import SystemPackage
import Trust

/// A parcel in a folder: on a medium, or kept in a store.
package struct ParcelFiles {
  /// Which way the parcel goes.
  let direction: ParcelDirection
  /// The folder.
  let folder: Place

  /// Reads the header, and verifies that its own key has signed it.
  func header() throws -> SignedParcelHeader {
    let bytes = try read(ParcelNames.header, atMost: ParcelHeader.maximumSize)
    return try translatingParcelErrors(at: self) { try SignedParcelHeader(parsing: bytes, going: direction) }
  }

  /// Reads the list of contents, and sees that it is the one that was signed.
  package func contents(of signed: SignedParcelHeader) throws -> (text: [UInt8], contents: ParcelContents) {
    let bytes = try read(ParcelNames.contents, atMost: ParcelContents.maximumSize)
    return try translatingParcelErrors(at: self) { (bytes, try signed.contents(bytes)) }
  }

  private func read(_ name: String, atMost limit: Int) throws -> [UInt8] {
    let path = folder.appending(name)
    do throws(FileError) {
      return try path.read(atMost: limit)
    } catch {
      if error.reason == .noSuchFileOrDirectory {
        throw JobError(.incompleteParcel, "\(path) is missing", remedy: "Copy all of the parcel's folder again.")
      }
      guard error.isNoSuchPlainFile else { throw error }
      throw JobError(.badParcel, "\(path): this is not a regular file of at most \(limit) bytes")
    }
  }

  /// The files of the sealed content, in their order, if they have as many bytes as were signed.
  func payload(of signed: SignedParcelHeader) throws -> [Place] {
    let size = signed.header.payload.size
    let search = try VolumeSearch([VolumePlace(folder)])
    switch search.find(ParcelNames.payload, size: size) {
    case .whole(let files): return files
    case .missing: throw JobError(parcel: .cutShort(has: 0, of: size), at: self)
    case .partly, .wrongSize:
      let found = try payloadBytes()
      throw JobError(
        parcel: found < size
          ? .cutShort(has: found, of: size) : .alteredPayload("it has \(Words.exactBytes(found)), not \(size)"),
        at: self
      )
    }
  }

  private func payloadBytes() throws -> Int64 {
    try folder.entries().filter { VolumeFileName($0.name).whole.text == ParcelNames.payload }
      .totalBytes { (try folder.appending($0).status()?.size ?? 0) }
  }

  /// Writes the small files, and syncs them.
  ///
  /// - Parameter permissions: those of the files.
  func write(_ signed: SignedParcelHeader, contents: [UInt8], permissions: UInt32) throws {
    for (name, bytes) in [(ParcelNames.contents, contents), (ParcelNames.header, signed.serialized)] {
      try folder.appending(name).replace(with: bytes, permissions: permissions)
    }
  }
}
