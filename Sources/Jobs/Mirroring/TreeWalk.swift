import Catalogue
import FileSystem
import JobCore
import MirrorTypes
import SyncRules
import Transfer
import UpdateIndex
import VendorChecks
import VendorSignatures

/// One walk over a tree: takes the indexes breadth first, fetches the files that are not known to be good, and checks
/// those that carry the vendor's digest.
///
/// On a first sync the downloads start while the walk goes on. Later, when most files are known, they start when all
/// indexes are taken: only then is each file's index and digest settled, and what is unchanged costs no request.
/// What is known of files stays in the store but for those under way, so that memory holds little more than names.
///
/// It is used by one task; what it starts beside that has copies of what it needs.
final class TreeWalk {
  /// The files that the indexes name, those named as indexes too.
  private(set) var named: [TreePath: IndexWalk.NamedFile] = [:]
  /// The indexes in the order in which they are taken: the primary ones first.
  private(set) var indexes: [TreePath]
  /// The indexes whose signature of the vendor's is right.
  var verifiedIndexes: Set<TreePath> { claims.verified }
  /// What they name.
  private var claims = SignedClaims()
  /// What names each index that is not a primary one.
  private(set) var indexFacts: [TreePath: IndexWalk.NamedFile] = [:]
  /// The date of each index that was taken, where it has one.
  private(set) var ownDates: [TreePath: UTCTime] = [:]
  /// Files whose content is not what their vendor digest says.
  private(set) var mismatches: [TreePath] = []
  /// Those of them that are web pages.
  private(set) var mismatchedPages: Set<TreePath> = []
  /// What in the indexes is unknown to us; known after the walk.
  private(set) var drift = DriftReport()
  /// How the dates of the indexes fit together.
  private(set) var indexDates = IndexDates()
  /// The files that came in this walk and that no digest proves, by the server that gave them; indexes too.
  private(set) var unproven: [String: Set<TreePath>] = [:]
  /// The files that a server was asked for.
  private(set) var answered: Set<TreePath> = []
  /// The dates of the primary indexes; known after the walk.
  private(set) var dates: [TreePath: IndexDate] = [:]
  /// The state of the walk, which is given up with it.
  private var walk: IndexWalk?

  private let memory: FileMemory
  private let answers: IndexAnswers
  private let counter: FetchCounter
  private let fetcher: Fetcher
  private let decider: FetchDecider
  private let judge: IndexJudge
  private let reporter: any JobReporter
  /// Whether nothing is known yet, so that every file can be asked for as soon as it is named.
  private let isFirst: Bool
  /// Called once all indexes are taken: what is wrong with the selection is found before everything is fetched.
  private let whenIndexesAreTaken: (TreeWalk) throws -> Void
  /// The primary indexes that the plan begins with.
  private let planned: Set<TreePath>
  /// The primary indexes that the server does not have, unless an index that is still to come carries them.
  private var awaited: Set<TreePath> = []

  private var indexSet: Set<TreePath>
  private var taken = 0
  private var isDecided: Bool
  private var isLastCheck = false
  private var indexQueue = Queue<TreePath>()
  private var fileQueue = Queue<TreePath>()
  private var digestQueue = Queue<TreePath>()
  private var beingChecked: Set<TreePath> = []
  private var retried: Set<TreePath> = []
  private var sameBodies = SameBodies()
  private var doubtQueue = Queue<Doubt>()
  /// Files that were absent and have come now.
  private var returned: [TreePath: Absence] = [:]
  private var transfersInFlight = 0
  private var isCommitting = false
  private var pace = CommitPace()

  /// How many requests are handed to the transfer client at once: enough that it never waits for us.
  private static let transferWindow = 64
  /// How many files have their vendor digest computed at once.
  private static let digestWindow = 2
  /// How often progress is reported.
  private static let pulse: Duration = .milliseconds(250)

  init(
    plan: TreePlan,
    fetcher: Fetcher,
    memory: FileMemory,
    answers: IndexAnswers,
    decider: FetchDecider,
    vendor judge: IndexJudge,
    counter: FetchCounter,
    reporter: any JobReporter,
    whenIndexesAreTaken: @escaping (TreeWalk) throws -> Void = { _ in }
  ) throws {
    self.whenIndexesAreTaken = whenIndexesAreTaken
    self.memory = memory
    self.fetcher = fetcher
    self.answers = answers
    self.decider = decider
    self.judge = judge
    self.counter = counter
    self.reporter = reporter
    isFirst = try !memory.knowsAny()
    isDecided = isFirst
    indexes = plan.primaries
    indexSet = Set(plan.primaries)
    planned = Set(plan.primaries)
    walk = IndexWalk(primaries: plan.primaries, selection: plan.selection)
  }

  /// What one task of the walk came to.
  private enum Event: Sendable {
    case index(TreePath, IndexAnswers.Answer)
    case file(TreePath, Fetcher.Answer)
    case digest(TreePath, of: ObjectDigest, matches: Bool)
    case nothing(Doubt, AnswerToNothing)
    case committed
  }

  /// Two files that came with the same short body.
  private struct Doubt: Sendable {
    let file: TreePath
    let other: TreePath
    let object: ObjectDigest
  }

  /// Something to be done beside the walk: it ends in an event, or in an error that ends the walk.
  private typealias Work = @Sendable () async throws -> Event

  /// Walks to the end.
  ///
  /// - Throws: an error; what was fetched till then is kept.
  func run() async throws {
    for path in indexes where answers[path] == nil { indexQueue.append(path) }
    do {
      try takeArrivedIndexes()
      repeat {
        try await concurrently(
          AnyIterator { self.nextWork() },
          atMost: Self.transferWindow + Self.digestWindow + 1,
          pulse: Pulse(every: Self.pulse) { self.reportProgress() }
        ) { work in
          try await work()
        } take: { event in
          try take(event)
        }
      } while try startLastCheck()
    } catch {
      try? memory.saveAll()
      throw error
    }
    try memory.save()
    if let walk { (drift, dates) = (walk.drift, walk.dates) }
    walk = nil
    reportProgress()
  }

  private func reportProgress() {
    let received = fetcher.client.statistics.bytesReceived
    reporter.report(.progress(counter.progress(received, totalFiles: named.count + indexes.count)))
  }
}

// MARK: - Work

extension TreeWalk {
  /// The next piece of work; `nil` when the windows have no room, or there is nothing to do before something ends.
  private func nextWork() -> Work? {
    if transfersInFlight < Self.transferWindow, let transfer = nextTransfer() {
      transfersInFlight += 1
      return transfer
    }
    while beingChecked.count < Self.digestWindow, let path = digestQueue.popFirst() {
      if let check = digestCheck(of: path) { return check }
    }
    return nextCommit()
  }

  /// The next transfer: indexes go first, since they name the rest.
  private func nextTransfer() -> Work? {
    if let path = indexQueue.popFirst() {
      let (asker, question) = (answers.asker, answers.question(for: path))
      return { .index(path, try await asker.ask(question)) }
    }
    if let doubt = doubtQueue.popFirst() {
      return { [fetcher] in .nothing(doubt, try await fetcher.askForNothing(try Fetcher.nothing(like: doubt.file))) }
    }
    guard let path = fileQueue.popFirst() else { return nil }
    let validators = retried.contains(path) ? nil : memory[path].flatMap(decider.validators)
    let wasAbsent = memory[path]?.isAbsent == true
    let isProven = named[path]?.dskm2 != nil
    return { [fetcher, limit = decider.maximumFileBytes] in
      let answer = try await fetcher.fetch(
        path,
        validators: validators,
        maximumBytes: limit,
        wasAbsent: wasAbsent,
        isProven: isProven
      )
      return .file(path, answer)
    }
  }

  private func digestCheck(of path: TreePath) -> Work? {
    guard let object = memory[path]?.object, let expected = named[path]?.dskm2,
      beingChecked.insert(path).inserted
    else { return nil }
    let file = fetcher.store.path(of: object)
    return {
      let digest = try DSKM2.digest(ofFile: file, name: String(path.name))
      return .digest(path, of: object, matches: Digest256(bytes: digest) == expected)
    }
  }

  /// Makes what has come so far durable from time to time, so that a killed sync goes on from there.
  private func nextCommit() -> Work? {
    guard !isCommitting, pace.isDue(memory.newsCount) else { return nil }
    isCommitting = true
    pace.begin()
    let batch = memory.takeNews()
    return {
      try batch.save()
      return .committed
    }
  }
}

// MARK: - Events

extension TreeWalk {
  /// Takes what a piece of work came to.
  private func take(_ event: Event) throws {
    switch event {
    case .index(let path, let answer):
      transfersInFlight -= 1
      answers.take(answer, for: path)
      if answer.object != nil { unproven[answer.server, default: []].insert(path) }
      if answer.fetchedBytes > 0 { counter.count(answer.fetchedBytes) } else { counter.countUnchanged() }
      try takeArrivedIndexes()
    case .file(let path, let answer):
      transfersInFlight -= 1
      take(answer, of: path)
    case .digest(let path, let object, let matches):
      beingChecked.remove(path)
      try takeDigest(of: path, object, matches: matches)
    case .nothing(let doubt, let answer):
      transfersInFlight -= 1
      try take(answer, to: doubt)
    case .committed:
      isCommitting = false
      pace.end()
    }
  }

  /// Refuses what a server gives for whatever it is asked for.
  private func take(_ answer: AnswerToNothing, to doubt: Doubt) throws {
    guard case .body(let bytes) = answer, ObjectDigest.sha256(of: bytes) == doubt.object else { return }
    throw JobError(
      .wrongContent,
      "source \(memory.source): \(doubt.other) and \(doubt.file) came with the same \(Words.exactBytes(Int64(bytes.count))), and so does a name that does not exist: something answers with one page in place of files; no snapshot is sealed",
      remedy:
        "A gateway, a web filter or the sign-in page of a network may answer in place of the server: look at the address of one of the files in a browser on this network, and have this machine let through."
    )
  }

  private func take(_ answer: Fetcher.Answer, of path: TreePath) {
    guard let file = named[path] else { return }
    answered.insert(path)
    switch answer {
    case .fetched(let object, let response):
      counter.count(object.size)
      if let absence = memory[path]?.absence { returned[path] = absence }
      if file.dskm2 == nil {
        unproven[response.server, default: []].insert(path)
        if let other = sameBodies.take(path, object.digest, size: object.size) {
          doubtQueue.append(Doubt(file: path, other: other, object: object.digest))
        }
      }
      memory[path] = memory.fresh(KnownFile(object, response, fingerprint: file.fingerprint, at: memory.now))
    case .unchanged:
      counter.countUnchanged()
      memory[path]?.fingerprint = file.fingerprint
    case .absent(let refusal):
      counter.countUnchanged()
      let before = memory[path]?.absence ?? returned.removeValue(forKey: path)
      memory[path] = memory.fresh(
        .absent(fingerprint: file.fingerprint, after: before, refusal: refusal, at: memory.now)
      )
    }
    settle(path)
  }

  /// Has a file's digest checked if that is still to be done; else there is no more to be learned of it.
  private func settle(_ path: TreePath) {
    guard let file = memory[path] else { return }
    if let expected = named[path]?.dskm2, file.object != nil, file.checked != expected {
      digestQueue.append(path)
    } else {
      memory.settle(path)
    }
  }

  private func takeDigest(of path: TreePath, _ object: ObjectDigest, matches: Bool) throws {
    guard memory[path]?.object == object else { return settle(path) }
    counter.countChecked()
    if matches {
      memory[path]?.checked = named[path]?.dskm2
      settle(path)
    } else if retried.insert(path).inserted {
      // A pool's servers are only eventually alike: another answer may be the right one.
      fileQueue.append(path)
    } else if let absence = returned.removeValue(forKey: path), let file = named[path] {
      // What comes in the place of an absent file and is none of the vendor's leaves it absent.
      memory[path] = .absent(fingerprint: file.fingerprint, after: absence, refusal: nil, at: fetcher.clock.now)
      memory.settle(path)
    } else {
      mismatches.append(path)
      if try isPage(object) { mismatchedPages.insert(path) }
      memory.settle(path)
    }
  }

  private func isPage(_ object: ObjectDigest) throws -> Bool {
    let file = try InputFile(fetcher.store.path(of: object))
    return try withUnsafeTemporaryAllocation(byteCount: PageWatch.longest, alignment: 1) { buffer in
      PageWatch.isPage(buffer[..<(try file.read(into: buffer))])
    }
  }

  /// When all has come: checks files that were there before, and those whose digest was named after they had come.
  ///
  /// - Returns: whether there is anything to check.
  private func startLastCheck() throws -> Bool {
    guard !isLastCheck else { return false }
    isLastCheck = true
    try memory.save()
    let failed = Set(mismatches)
    try memory.forEachSaved { path, file in
      guard let expected = named[path]?.dskm2, file.object != nil, file.checked != expected,
        !isIndex(path), !failed.contains(path)
      else { return }
      memory[path] = file
      digestQueue.append(path)
    }
    return true
  }

  /// Takes all indexes whose turn has come. They are taken in the order in which they are named, whenever they arrive,
  /// so that two walks over the same tree see the same.
  private func takeArrivedIndexes() throws {
    while taken < indexes.count, let answer = answers[indexes[taken]] {
      let path = indexes[taken]
      guard let object = answer.object else {
        if planned.contains(path) {
          awaited.insert(indexes.remove(at: taken))
        } else {
          taken += 1
        }
        continue
      }
      let bytes = try Files.read(fetcher.store.path(of: object), atMost: decider.maximumIndexBytes)
      let file = try read(bytes, of: path)
      if indexDates.mustAskAgain(file?.date, indexFacts[path]) {
        answers.distrust(path)
        return indexQueue.append(path)
      }
      taken += 1
      if let step = try file.flatMap({ try walk?.take($0) }) {
        ownDates[path] = step.header.date?.time
        // What was verified once, by the same settings, need not be again.
        let isVerified = try answer.index.isVerified ?? judge.isVerified(bytes, at: path, step.header)
        answers.note(isVerified: isVerified, path)
        if isVerified { claims.take(path, naming: step.named) }
        try take(step, of: path)
      }
    }
    guard taken == indexes.count else { return }
    if let primary = awaited.sorted().first { throw absence(of: primary) }
    try holdToClaims()
    try whenIndexesAreTaken(self)
    if !isDecided { try decide() }
  }

  /// Reads an index. One that has to be signed and cannot even be read is none of the vendor's.
  private func read(_ bytes: [UInt8], of path: TreePath) throws -> IndexFile? {
    do throws(IndexError) {
      return try walk?.read(bytes, of: path)
    } catch {
      guard judge.isJudging, !error.isHostile,
        claims.named.contains(path) || PrimaryIndexes.signed.contains(path.string)
      else {
        throw error
      }
      throw judge.refusal(of: path, "it has to be signed by the vendor, and \(error.reason)")
    }
  }

  /// Holds the indexes to what signed ones say of them: see ``SignedClaims``.
  private func holdToClaims() throws {
    for path in indexes where !claims.verified.contains(path) {
      guard let object = answers[path]?.object else { continue }
      if claims.isBroken(by: path), judge.isJudging { throw judge.refusal(of: path, SignedClaims.reason) }
      guard let expected = named[path]?.dskm2 else { continue }
      let digest = try DSKM2.digest(ofFile: fetcher.store.path(of: object), name: String(path.name))
      if Digest256(bytes: digest) != expected { mismatches.append(path) }
    }
  }

  private func absence(of primary: TreePath) -> JobError {
    JobError(
      .notOnServer,
      "source \(memory.source): the server does not have the primary index \(primary)",
      remedy: "Check 'servers' and 'indexes' of the source in the configuration."
    )
  }

  private func take(_ step: IndexWalk.Step, of carrier: TreePath) throws {
    for index in step.carried { try take(index, by: carrier) }
    for index in step.indexes {
      indexFacts[index.path] = index
      indexSet.insert(index.path)
      indexes.append(index.path)
      if answers[index.path] == nil { indexQueue.append(index.path) }
    }
    for file in step.files {
      let isNew = named.updateValue(file, forKey: file.path) == nil
      if isFirst && isNew && !isIndex(file.path) { fileQueue.append(file.path) }
    }
  }

  /// Takes an index that stands in another one, as a server does that passes updates on: it is published beside that one
  /// and walked. The server is asked for it too, and if it has it, what the server has is taken.
  private func take(_ index: IndexWalk.CarriedIndex, by carrier: TreePath) throws {
    let path = index.file.path
    let writer = try fetcher.store.writer()
    try index.bytes.withUnsafeBytes { try writer.append($0) }
    answers.take(carried: try writer.finish(), path, by: carrier)
    if awaited.remove(path) != nil {
      indexes.append(path)
    } else if indexSet.insert(path).inserted {
      indexFacts[path] = index.file
      indexes.append(path)
      if answers[path] == nil { indexQueue.append(path) }
    }
  }

  /// Decides for all files, once all indexes are taken, what has to be done: a request, or nothing.
  private func decide() throws {
    isDecided = true
    var known: Set<TreePath> = []
    try memory.forEachSaved { path, saved in
      guard let file = named[path], !isIndex(path) else { return }
      known.insert(path)
      guard try decider.needsRequest(file, known: saved, indexNow: answers[file.namedBy]?.object) else {
        return counter.countUnchanged()
      }
      memory[path] = saved
      fileQueue.append(path)
    }
    for path in named.keys where !isIndex(path) && !known.contains(path) { fileQueue.append(path) }
  }

  /// The primary indexes: those of the plan, and the signed ones that others carry.
  var primaries: [TreePath] {
    indexes.filter { planned.contains($0) || PrimaryIndexes.signed.contains($0.string) }
  }

  /// Whether a named file is read as an index too, and published as one.
  func isIndex(_ path: TreePath) -> Bool { indexSet.contains(path) }
}

/// First in, first out.
private struct Queue<Element> {
  private var elements: [Element] = []
  private var start = 0

  mutating func append(_ element: Element) { elements.append(element) }

  mutating func popFirst() -> Element? {
    guard start < elements.count else { return nil }
    defer { start += 1 }
    if start > 4096 && start * 2 > elements.count {
      elements.removeSubrange(..<start)
      start = 0
    }
    return elements[start]
  }
}
