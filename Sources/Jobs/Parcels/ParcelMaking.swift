import BundleFormat
import FileSystem
import JobCore
import Languages
import MirrorTypes
import SystemPackage
import Trust

/// Makes one parcel.
struct ParcelMaking {
  let direction: ParcelDirection
  let site: String
  let number: Int64
  let kinds: [ParcelKind]
  let previous: ParcelHeader.Previous?
  let time: UTCTime
  /// What the list of what it holds is written in.
  let language: Language

  init(
    _ direction: ParcelDirection,
    site: String,
    number: Int64,
    kinds: [ParcelKind],
    previous: ParcelHeader.Previous?,
    at time: UTCTime,
    in language: Language
  ) {
    self.direction = direction
    self.site = site
    self.number = number
    self.kinds = kinds
    self.previous = previous
    self.time = time
    self.language = language
  }

  /// Writes the parcel to its folder, which gets its name when all of it is on the disk.
  func write(
    to place: OutboxFiles,
    sealedTo key: SealingPublicKey,
    signer: SigningKey,
    _ fill: (ParcelWriter) throws -> Void
  ) throws -> SignedParcelHeader {
    try refuseKinds()
    let partial = try place.partial(of: number)
    do {
      try partial.makeFolder(permissions: 0o700)
      guard let fingerprint = Fingerprint(signer.id) else { throw JobError(.software, "a key without a fingerprint") }
      let sealer = try ParcelSealer(to: key, direction, site: site, number: number, signer: fingerprint)
      let output = try SealedOutput(partial.appending(ParcelNames.payload), sealer)
      let writer = try ParcelWriter(carrying: kinds, direction, in: language, naming: partial.shown) {
        try output.write($0)
      }
      try fill(writer)
      let contents = try writer.finish()
      let text = Array(text(of: contents, writer.words).utf8)
      let header = ParcelHeader(
        direction,
        site: site,
        number: number,
        time: time,
        carries: kinds,
        sealedTo: key.id,
        encapsulatedKey: sealer.encapsulatedKey,
        payload: try output.finish(),
        contents: ParcelHeader.Part(of: text),
        previous: previous,
        program: Program.generator
      )
      let signed = try SignedParcelHeader(header, key: signer)
      try ParcelFiles(direction: direction, folder: partial).write(signed, contents: text, permissions: 0o600)
      try partial.rename(to: place.folder(of: number))
      try partial.parent.syncFolder()
      return signed
    } catch {
      try? partial.removeTree()
      throw error
    }
  }

  /// Tells what the parcel would be.
  func preview(
    naming name: FilePath,
    inner: ((UnsafeRawBufferPointer) throws -> Void)?,
    _ fill: (ParcelWriter) throws -> Void
  ) throws -> ParcelPreview {
    try refuseKinds()
    let counter = Counter()
    let writer = try ParcelWriter(carrying: kinds, direction, in: language, naming: name) { bytes in
      counter.bytes += Int64(bytes.count)
      try inner?(bytes)
    }
    try fill(writer)
    let contents = try writer.finish()
    return ParcelPreview(number: number, contents: text(of: contents, writer.words), bytes: counter.bytes)
  }

  private final class Counter { var bytes: Int64 = 0 }

  private func refuseKinds() throws {
    guard (1...ParcelHeader.maximumKinds).contains(kinds.count), Set(kinds).count == kinds.count else {
      throw JobError(.software, "a parcel carries 1 to \(ParcelHeader.maximumKinds) kinds of things, each once")
    }
  }

  /// A kind in the list's language.
  private func word(_ kind: ParcelKind) -> String {
    switch kind {
    case .licence: language.text(.licenceKind)
    case .ksn: language.text(.ksnKind)
    case .keys: language.text(.keysKind)
    default: kind.rawValue.removing(prefix: "exchange:").map { language.text(.exchangeKind, $0) } ?? kind.rawValue
    }
  }

  private func text(of contents: ParcelContents, _ words: [String]) -> String {
    contents.text(
      [
        direction == .fromSite
          ? (language.text(.parcel), language.text(.ofSite, "\(number)", site))
          : (language.text(.delivery), language.text(.forSite, "\(number)", site)),
        (language.text(.made), language.moment(time)),
        (language.text(.carries), kinds.map(word).joined(separator: ", ")),
        (language.text(.files), "\(contents.files.count), \(language.exactBytes(contents.bytes))"),
        (language.text(.program), Program.generator),
      ],
      words: words
    )
  }
}

/// Seals what is written to a file.
private final class SealedOutput {
  private var sealer: ParcelSealer
  private var file: OutputFile
  private var started: Int64 = 0

  init(_ place: Place, _ sealer: ParcelSealer) throws(FileError) {
    self.sealer = sealer
    file = try OutputFile(place, permissions: 0o600)
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws { try sealer.seal(bytes) { try keep($0) } }

  /// Ends the file, and writes it to the disk.
  func finish() throws -> ParcelHeader.Part {
    let part = try sealer.finish { try keep($0) }
    try file.sync()
    try file.close()
    return part
  }

  private func keep(_ bytes: [UInt8]) throws(FileError) {
    try file.write(bytes)
    // The disk has as much to do at the end as it is slow.
    if file.count - started >= 16 << 20 {
      file.startWriting()
      started = file.count
    }
  }
}
