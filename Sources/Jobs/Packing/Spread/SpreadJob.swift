import BundleFormat
import Collecting
import FileSystem
import JobCore
import MirrorTypes
import SystemPackage

/// Spreads a bundle over several sticks: it is staged in the store, and goes out one stick after the other, in one run
/// or in several.
package struct SpreadJob: Sendable, InContext {
  /// Asks for the next stick: says what there is to say, and gives the folder of the stick; empty for the same as
  /// before; `nil` to stop here.
  package typealias Prompt = @Sendable (String) -> String?

  /// What a person chooses for one run.
  package struct Options: Sendable {
    /// The most bytes that one stick gets; `nil`: what is free.
    package var stickSize: Int64?
    /// Whether another bundle of the same name on a stick is written over.
    package var overwrite: Bool
    /// Whether what was written to a stick is read back and compared.
    package var readBack: Bool
    /// Whether sticks have to be mounted.
    package var mount: MountRule

    /// A choice.
    package init(
      stickSize: Int64? = nil,
      overwrite: Bool = false,
      readBack: Bool = true,
      mount: MountRule = .whereSticksAre
    ) {
      self.stickSize = stickSize
      self.overwrite = overwrite
      self.readBack = readBack
      self.mount = mount
    }
  }

  package let context: JobContext
  private let output: FilePath?
  private let options: Options
  private let prompt: Prompt?

  /// A job on the context's store.
  ///
  /// - Parameters:
  ///   - output: the folder of the first stick.
  ///   - options: what a person chooses.
  ///   - prompt: asks for the next stick; `nil` where nobody can be asked: one stick is written then.
  package init(_ context: JobContext, output: FilePath?, options: Options = Options(), prompt: Prompt? = nil) {
    self.context = context
    self.output = output
    self.options = options
    self.prompt = prompt
  }

  private var staging: FilePath { folders.outgoing }

  /// Stages a bundle and begins with it.
  ///
  /// - Parameter pack: writes the bundle to the folder that it is handed.
  package func begin(_ pack: (FilePath) async throws -> PackReport) async throws -> SpreadReport {
    let lock = try takeLock()
    defer { withExtendedLifetime(lock) {} }
    if let state = try SpreadState.read(in: staging) {
      throw JobError(
        .cannotCreate,
        "\(state.bundle) is being spread over sticks, and \(state.sticks) of them written",
        remedy: "Go on with it with 'kscmirror pack --continue', or give it up with 'kscmirror pack --abandon'."
      )
    }
    try requireOutput()
    // What a run has left that did not come as far as the first stick.
    try removeStaging()
    if let output { Collecting.takeFound(at: output, context) }
    guard let bundle = try await pack(staging).writtenBundle else {
      return SpreadReport(bundle: nil, sticks: [], left: [], estimate: 0, next: nil)
    }
    return try spread(try stage(bundle))
  }

  /// Goes on where the last run has stopped.
  package func resume() throws -> SpreadReport {
    let lock = try takeLock()
    defer { withExtendedLifetime(lock) {} }
    guard let state = try SpreadState.read(in: staging) else {
      throw JobError(
        .notThere,
        "\(staging): no bundle is being spread over sticks",
        remedy: "Begin with 'kscmirror pack --spread'."
      )
    }
    try requireOutput()
    return try spread(state)
  }

  /// Gives up what is being spread: removes the staged bundle. Sticks stay as they are.
  package func abandon() throws -> SpreadReport {
    let lock = try takeLock()
    defer { withExtendedLifetime(lock) {} }
    let state = try? SpreadState.read(in: staging)
    try removeStaging()
    return SpreadReport(bundle: state?.bundle, sticks: [], left: [], estimate: 0, next: nil)
  }

  private func requireOutput() throws {
    guard output == nil else { return }
    throw JobError(
      .configuration,
      "no folder to write to",
      remedy: "Name one with --output, or set 'output' in [pack] of the configuration."
    )
  }

  private func takeLock() throws -> FileLock {
    guard try Files.status(folder)?.kind == .folder else {
      throw JobError(.notThere, "\(folder): there is no store here", remedy: "Run 'kscmirror sync' first.")
    }
    return try StoreLock.spread.take(in: folder)
  }

  private func stage(_ bundle: String) throws -> SpreadState {
    let bag = try bag(bundle)
    let state = SpreadState(bundle: bundle, identity: try Self.identity(of: bag))
    try state.save(in: staging)
    return state
  }

  private func bag(_ bundle: String) throws -> BagFiles {
    let path = staging.appending(bundle)
    guard let reader = try BundleReader.find(at: path).first else {
      throw JobError(.badStore, "\(path): the staged bundle is gone", remedy: "Run 'kscmirror pack --abandon'.")
    }
    return try BagFiles(reader)
  }

  private static func identity(of bag: BagFiles) throws -> String {
    guard let digest = bag.others.first.map({ ObjectDigest.sha256(of: $0.bytes) }) else {
      throw JobError(.software, "\(bag.reader.folder): a bundle without files")
    }
    return digest.hex
  }

  /// Removes all but the lock, the state first: what is left of a bundle without it is nobody's, and goes with the next
  /// beginning. A state whose bundle is half gone would stop each further run.
  private func removeStaging() throws {
    try Files.remove(staging.appending("spread.json"))
    try Files.syncFolder(staging)
    for entry in try Files.entries(of: staging) where entry.name != "lock" {
      try Files.removeTree(staging.appending(entry.name))
    }
    try Files.syncFolder(staging)
  }
}

// MARK: - Stick after stick

extension SpreadJob {
  private func spread(_ beginning: SpreadState) throws -> SpreadReport {
    var state = beginning
    let bag = try bag(state.bundle)
    guard try Self.identity(of: bag) == state.identity, var place = output else {
      throw JobError(
        .badStore,
        "\(staging): the staged bundle is another one",
        remedy: "Run 'kscmirror pack --abandon'."
      )
    }
    var sticks: [SpreadReport.Stick] = []
    var estimate = 0
    var rest = state.remaining(of: bag.staged)
    while !rest.isEmpty {
      var question: String
      do {
        let stick = try writeStick(bag, rest, to: place, &state)
        sticks.append(stick)
        rest = state.remaining(of: bag.staged)
        let left = rest.totalBytes { $0.bytes }
        estimate = state.sticks + Int((left + max(1, stick.bytes) - 1) / max(1, stick.bytes))
        question = "stick \(state.sticks) of about \(estimate) is written; put in the next one"
      } catch {
        let failure = JobError(error)
        guard prompt != nil else { throw Self.goingOn(failure, place) }
        question = "\(failure.message); put in a stick for number \(state.sticks + 1)"
      }
      guard !rest.isEmpty else { break }
      guard let answer = prompt?("\(question) and press Return (or type its folder), or q to stop here: ") else {
        break
      }
      if !answer.isEmpty { place = FilePath(answer) }
    }
    if rest.isEmpty { try removeStaging() }
    return SpreadReport(
      bundle: state.bundle,
      sticks: sticks,
      left: rest,
      estimate: estimate,
      next: rest.isEmpty ? nil : place
    )
  }

  private func writeStick(
    _ bag: BagFiles,
    _ rest: [SpreadRest],
    to place: FilePath,
    _ state: inout SpreadState
  ) throws -> SpreadReport.Stick {
    guard (try? OpenFolder.ifFolder(place)) != nil else {
      throw JobError(.notThere, "\(place) is not a folder", remedy: "Put in a stick, or name its folder.")
    }
    let medium = try Medium.open(place, options.mount, store: folder)
    try medium.lock()
    let stick = medium.place
    let writing = StickWriting(
      bag: bag,
      output: stick,
      state: state,
      overwrite: options.overwrite,
      isReadBack: options.readBack,
      reporter: reporter
    )
    try writing.prepare()
    let share = try writing.share(of: rest, limit: options.stickSize)
    let number = state.sticks + 1
    try writing.write(share, number: number)
    state.sticks = number
    state.deliveries += share.files.map { .init(file: $0.name, offset: $0.offset, bytes: $0.bytes, stick: number) }
    state.mountPoint = try StickWriting.isMountPoint(stick) ? place.string : nil
    try state.save(in: staging)
    let facts = try medium.finish()
    return SpreadReport.Stick(
      number: number,
      folder: place.string,
      files: share.files.map(\.name),
      bytes: share.bytes,
      medium: facts
    )
  }

  /// What went wrong with one stick costs that stick alone.
  private static func goingOn(_ error: JobError, _ place: FilePath) -> JobError {
    let way = "Then continue with 'kscmirror pack --continue --output \(place)'; the sticks before it are good."
    return JobError(error.status, error.message, remedy: error.remedy.map { "\($0) \(way)" } ?? way)
  }
}

/// How far a bundle was spread.
package struct SpreadReport: Sendable, Encodable {
  /// A stick that was written in this run.
  package struct Stick: Sendable, Encodable {
    /// Its number, counted from 1.
    package let number: Int
    /// Its folder.
    package let folder: String
    /// The volumes and pieces on it.
    package let files: [String]
    /// Their bytes.
    package let bytes: Int64
    /// What was written to.
    package let medium: MediumFacts
  }

  /// The bundle; `nil` if there was none.
  package let bundle: String?
  /// The sticks that were written in this run.
  package let sticks: [Stick]
  /// The volumes that lie on no stick yet, or not all of them.
  package let left: [String]
  /// The bytes of them.
  package let leftBytes: Int64
  /// About how many sticks it takes, those before counted; 0 if nothing is known of that.
  package let estimate: Int
  /// Where the next stick is looked for.
  package let next: String?

  /// Whether all of the bundle lies on sticks.
  package var isComplete: Bool { left.isEmpty }

  init(bundle: String?, sticks: [Stick], left: [SpreadRest], estimate: Int, next: FilePath?) {
    self.bundle = bundle
    self.sticks = sticks
    self.left = left.map(\.volume.file.text)
    leftBytes = left.totalBytes { $0.bytes }
    self.estimate = estimate
    self.next = next?.string
  }
}
