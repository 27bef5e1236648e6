import BundleFormat
import ContentStore
import FileSystem
import MirrorConfiguration
import Transfer
import UpdateIndex

// What each part of the program throws, as a job's error: the exit status, and what to do next.

extension JobError {
  init(store error: StoreError) {
    let status: ExitStatus
    switch error {
    case .file(let cause):
      self.init(file: cause)
      return
    case .busy: status = .busy
    case .outOfSpace: status = .noSpace
    case .notAStore, .noSuchSnapshot, .noSuchRelease: status = .notThere
    case .foreign, .tooNew, .needsUpgrade, .catalogue: status = .badStore
    case .missingObject, .sizeMismatch, .digestMismatch: status = .damagedStore
    case .duplicatePath, .fileIsFolder: status = .hostileIndex
    case .openedForReading, .snapshotExists, .objectsInUse, .writerClosed: status = .software
    }
    self.init(status, error.description)
  }

  package init(bundle error: BundleError) {
    let copyAgain = "Copy the bundle to the medium again; nothing was published here."
    switch error {
    case .file(let cause): self.init(file: cause)
    case .caller(let cause): self.init(translating: cause)
    case .notABundle:
      self.init(
        .notABundle,
        error.description,
        remedy: "Name the folder that 'kscmirror pack' wrote to, or a file of the bundle."
      )
    case .volumeMissing: self.init(.incompleteBundle, error.description, remedy: copyAgain)
    case .objectMismatch: self.init(.objectMismatch, error.description, remedy: copyAgain)
    case .notGivenBack:
      self.init(
        .inputOutput,
        error.description,
        remedy: "Take another medium; this one is failing. Nothing was left on it."
      )
    case .streamCut:
      self.init(.incompleteBundle, error.description, remedy: "Send it again; nothing was changed here.")
    case .patch: self.init(.software, error.description)
    case .patchMismatch:
      self.init(
        .damagedStore,
        error.description,
        remedy:
          "Files of this store may be damaged: run 'kscmirror verify'. A full bundle, made with 'kscmirror pack --full', brings them all; nothing was published here."
      )
    case .volumeDamaged, .fileDamaged, .unexpectedEntry, .misnamed:
      self.init(.damagedBundle, error.description, remedy: copyAgain)
    case .outOfSpace, .outOfInodes:
      self.init(
        .noSpace,
        error.description,
        remedy:
          "Make room there, name another folder, or spread the bundle over several sticks with --spread; nothing was written."
      )
    case .archive: self.init(.inputOutput, error.description)
    }
  }

  init(transfer error: TransferError) {
    if case .sink(let cause) = error.reason {
      self.init(translating: cause)
      return
    }
    self.init(Self.status(of: error), error.description)
  }

  private static func status(of error: TransferError) -> ExitStatus {
    switch error.kind {
    case .notFound: .notOnServer
    case .refused: isServersFault(error) ? .serverError : isDenied(error) ? .permission : .badAnswer
    case .forbidden: .badAnswer
    case .trust: .notTrusted
    case .unreachable: .noServer
    case .timedOut: .cutShort
    case .damaged: isCut(error) ? .cutShort : .wrongContent
    case .sink: .inputOutput
    case .configuration: .configuration
    case .system: .software
    case .cancelled: .partial
    }
  }

  private static func isServersFault(_ error: TransferError) -> Bool {
    switch error.reason {
    case .httpStatus(let status): (500...599).contains(status) || status == 429
    case .asksToWait: true
    case .noServerLeft(let failures): failures.contains(where: isServersFault)
    default: false
    }
  }

  /// Whether servers refuse everything, or what all else hangs by.
  private static func isDenied(_ error: TransferError) -> Bool {
    switch error.reason {
    case .httpStatus(let status): [401, 403, 451].contains(status)
    case .noServerLeft(let failures): failures.allSatisfy(isDenied)
    default: false
    }
  }

  private static func isCut(_ error: TransferError) -> Bool {
    switch error.reason {
    case .cutShort, .malformedAnswer, .changedWhileRead: true
    case .noServerLeft(let failures): failures.contains(where: isCut)
    default: false
    }
  }

  init(product error: UnknownProduct) {
    let nearest = NearestName.of(error.name, among: error.known)
    self.init(
      .configuration,
      nearest.map { "\(error); did you mean '\($0)'?" } ?? "\(error)",
      remedy: "'kscmirror products TEXT' lists the names that have TEXT in them; * in a name stands for any text."
    )
  }

  init(index error: IndexError) {
    if error.isHostile {
      self.init(
        .hostileIndex,
        error.description,
        remedy: "No honest server sends this: look at the server, and at who stands between it and you."
      )
    } else {
      self.init(
        .malformedIndex,
        error.description,
        remedy: "The server may be in the middle of an update: run sync again later."
      )
    }
  }
}
