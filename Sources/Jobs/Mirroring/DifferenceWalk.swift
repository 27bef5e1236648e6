import Catalogue
import FileSystem
import JobCore
import MirrorTypes
import SyncRules
import Transfer
import UpdateIndex

/// Asks, when a walk is done, for what the vendor's servers offer beside each of its files: the list of differences,
/// what that names, the difference, the compressed twin (``DifferenceKind``).
///
/// No index names these files and nothing is signed that they could be checked against: they are mirrored as they come,
/// within bounds; what a client makes of one is the file itself, whose digest the index tells. That a server does not
/// have one is normal.
///
/// All answers are remembered, 404 too, with a fingerprint of the file that they are about: while its bytes stay the
/// same, none is asked for again. What the vendor adds later to a file that does not change is therefore found only by
/// `sync --recheck`.
///
/// It is used by one task; what it starts beside that has copies of what it needs.
final class DifferenceWalk {
  private let walk: TreeWalk
  private let fetcher: Fetcher
  private let memory: FileMemory
  private let answers: IndexAnswers
  private let decider: FetchDecider
  private let counter: FetchCounter
  private let reporter: any JobReporter

  /// The files of the tree that are at hand, indexes too.
  private var files: [TreePath: PlainFile] = [:]
  /// What the lists name, with the file that it is of.
  private var listed: [TreePath: TreePath] = [:]
  /// What is known of files that a list may name.
  private var maybeListed: [TreePath: KnownFile] = [:]
  /// What is known of others whose file has changed since.
  private var outdated: [TreePath: KnownFile] = [:]
  private var questions: [Question] = []
  /// The files beside which something is to be asked for.
  private var waiting: [TreePath] = []
  private var refusals: [String] = []
  private var asked = 0
  private var pace = CommitPace()
  /// The files that a server was asked for.
  private(set) var answered: Set<TreePath> = []

  /// How many requests are handed to the transfer client at once.
  private static let window = 64
  /// By how much a difference or a compressed twin may be larger than its file: a header, and what does not shrink.
  private static let allowance: Int64 = 64 << 10
  /// The most files that all lists together may name.
  private static let maximumListed = 1_000_000
  /// How many refusals are reported in words.
  private static let toldRefusals = 3

  init(
    after walk: TreeWalk,
    fetcher: Fetcher,
    memory: FileMemory,
    answers: IndexAnswers,
    decider: FetchDecider,
    counter: FetchCounter,
    reporter: any JobReporter
  ) {
    self.walk = walk
    self.fetcher = fetcher
    self.memory = memory
    self.answers = answers
    self.decider = decider
    self.counter = counter
    self.reporter = reporter
  }

  /// A file beside which something may lie.
  private struct PlainFile {
    /// It stands for the file's bytes.
    let fingerprint: UInt64
    let size: Int64
    /// What is known of these bytes already.
    var answered: Set<DifferenceKind> = []

    init(_ object: ObjectDigest, size: Int64) {
      fingerprint = object.withUnsafeBytes { UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)) }
      self.size = size
    }
  }

  /// One request to make.
  private struct Question: Sendable {
    let path: TreePath
    /// The file that it is about.
    let file: TreePath
    let isList: Bool
    let maximumBytes: Int64
    /// What is known of it from before.
    let known: KnownFile?
    /// The condition to ask with.
    let validators: Validators?

    /// Asks.
    func ask(_ fetcher: Fetcher) async throws -> Fetcher.SmallAnswer {
      try await fetcher.fetchIfSmall(path, validators: validators, maximumBytes: maximumBytes)
    }
  }

  /// Asks for all that is not known.
  ///
  /// - Throws: an error; what was fetched till then is kept.
  func run() async throws {
    try gatherFiles()
    try gatherKnown()
    waiting = files.filter { $0.value.answered.count < DifferenceKind.allCases.count }.map(\.key)
    defer { reportRefusals() }
    if let file = waiting.min(), try await answersWhateverIsAsked(near: file) { leaveOutWhatIsOutdated() }
    do {
      let questions = AnyIterator { self.nextQuestion() }
      try await concurrently(questions, atMost: Self.window) { [fetcher] in
        ($0, try await $0.ask(fetcher))
      } take: { question, answer in
        try take(answer, to: question)
        if pace.isDue(memory.newsCount) {
          pace.begin()
          try memory.save()
          pace.end()
        }
      }
    } catch {
      try? memory.saveAll()
      throw error
    }
    try memory.save()
  }

  /// Whether the server gives something for names that no tree has: what is asked for on trial, it would give too.
  private func answersWhateverIsAsked(near file: TreePath) async throws -> Bool {
    for kind in DifferenceKind.allCases {
      guard let path = kind.path(of: try Fetcher.nothing(like: file)) else { continue }
      guard case .absent = try await fetcher.askForNothing(path) else {
        refusals.append("the server, or a gateway before it, has something for \(path) too, which does not exist")
        return true
      }
    }
    return false
  }

  /// Asks for nothing, and has nothing published that is of files as they were before.
  private func leaveOutWhatIsOutdated() {
    waiting = []
    questions = []
    for path in outdated.keys {
      guard let (_, file) = DifferenceKind.split(path), let plain = files[file] else { continue }
      memory[path] = .absent(fingerprint: plain.fingerprint, at: fetcher.clock.now)
      memory.settle(path)
    }
  }

  /// The file of the tree that a difference file is of; `nil` when it is none, or of none that is there.
  func file(of path: TreePath) -> TreePath? {
    if let (_, file) = DifferenceKind.split(path), files[file] != nil { return file }
    return listed[path]
  }
}

// MARK: - What is known

extension DifferenceWalk {
  /// Gathers the files of the tree.
  private func gatherFiles() throws {
    for path in walk.indexes {
      guard let index = answers[path]?.index, let object = index.object else { continue }
      files[path] = PlainFile(object, size: index.size)
    }
    try memory.forEachSaved { path, known in
      guard let named = walk.named[path], !walk.isIndex(path), let object = known.object else { return }
      // The walk's own path: the same string need not be held twice.
      files[named.path] = PlainFile(object, size: known.size)
    }
  }

  /// Gathers what earlier syncs learned, and what the lists name that need not come again.
  private func gatherKnown() throws {
    var lists: [(path: TreePath, file: TreePath, object: ObjectDigest)] = []
    try memory.forEachSaved { path, known in
      guard !isNamed(path) else { return }
      guard let (kind, file) = DifferenceKind.split(path), let plain = files[file] else {
        if path.isInside(DifferenceKind.folder) { maybeListed[path] = known }
        return
      }
      guard try isGood(known, plain, path) else {
        outdated[path] = known
        return
      }
      files[file]?.answered.insert(kind)
      if kind == .list, let object = known.object { lists.append((path, file, object)) }
    }
    // In order, so that what two lists name is always of the same file.
    for list in lists.sorted(by: { $0.path < $1.path }) {
      if let names = try names(in: list.object, at: list.path) { try claim(names, for: list.file) }
    }
  }

  /// Whether what is known is about the file's present bytes, and at hand.
  private func isGood(_ known: KnownFile, _ file: PlainFile, _ path: TreePath) throws -> Bool {
    guard !decider.recheck, !decider.isOutdated(path), known.fingerprint == file.fingerprint else { return false }
    return try known.object.map(fetcher.store.contains) ?? true
  }

  /// Whether an index names it: then it is a file like any other.
  private func isNamed(_ path: TreePath) -> Bool { walk.named[path] != nil || walk.isIndex(path) }

  /// What a list names; `nil` when it is refused.
  private func names(in object: ObjectDigest, at path: TreePath) throws -> [TreePath]? {
    let place = fetcher.store.path(of: object)
    let bytes = try Files.read(place, atMost: DifferenceList.maximumBytes)
    do {
      return try DifferenceList(parsing: bytes, at: path).files
    } catch {
      refusals.append(error.description)
      return nil
    }
  }

  /// Takes what the list of a file names.
  private func claim(_ names: [TreePath], for file: TreePath) throws {
    guard let plain = files[file] else { return }
    for path in names where !isNamed(path) && self.file(of: path) == nil {
      guard listed.count < Self.maximumListed else {
        refusals.append("the lists name more than \(Self.maximumListed) files; the rest is ignored")
        return
      }
      listed[path] = file
      let known = maybeListed.removeValue(forKey: path)
      let isKnown = try known.map { try isGood($0, plain, path) } ?? false
      if !isKnown { questions.append(question(path, about: file, plain, isList: false, known)) }
    }
  }
}

// MARK: - Questions and answers

extension DifferenceWalk {
  private func nextQuestion() -> Question? {
    while questions.isEmpty, let file = waiting.popLast() {
      guard let plain = files[file] else { continue }
      for kind in DifferenceKind.allCases where !plain.answered.contains(kind) {
        guard let path = kind.path(of: file), !isNamed(path) else { continue }
        let known = outdated.removeValue(forKey: path)
        questions.append(question(path, about: file, plain, isList: kind == .list, known))
      }
    }
    return questions.popLast()
  }

  private func question(
    _ path: TreePath,
    about file: TreePath,
    _ plain: PlainFile,
    isList: Bool,
    _ known: KnownFile?
  ) -> Question {
    Question(
      path: path,
      file: file,
      isList: isList,
      maximumBytes: isList ? Int64(DifferenceList.maximumBytes) : plain.size + Self.allowance,
      known: known,
      validators: known.flatMap(decider.validators)
    )
  }

  private func take(_ answer: Fetcher.SmallAnswer, to question: Question) throws {
    guard let fingerprint = files[question.file]?.fingerprint else { return }
    answered.insert(question.path)
    var known = try known(from: answer, to: question)
    known.fingerprint = fingerprint
    if question.isList, let object = known.object {
      if let names = try names(in: object, at: question.path) {
        try claim(names, for: question.file)
      } else {
        // As if it were not there: it is neither published nor asked for again while its file stays the same.
        known = .absent(fingerprint: fingerprint, at: fetcher.clock.now)
      }
    }
    memory[question.path] = known
    memory.settle(question.path)
    reportProgress()
  }

  private func known(from answer: Fetcher.SmallAnswer, to question: Question) throws -> KnownFile {
    if case .answer(.fetched(let object, let response)) = answer {
      counter.count(object.size)
      return KnownFile(object, response, at: fetcher.clock.now)
    }
    counter.countUnchanged()
    switch answer {
    case .answer(.unchanged(let response)):
      guard let known = question.known else {
        throw JobError(.badAnswer, "\(response.url): the server says 'not modified' to an unconditional request")
      }
      return known
    case .tooLarge: refusals.append("\(question.path) has more than \(question.maximumBytes) bytes")
    case .page: refusals.append("a web page came in place of \(question.path)")
    case .answer: break
    }
    return .absent(fingerprint: 0, at: fetcher.clock.now)
  }

  private func reportProgress() {
    asked += 1
    let open = questions.count + waiting.count * DifferenceKind.allCases.count
    let total = walk.named.count + walk.indexes.count + asked + open
    reporter.report(.progress(counter.progress(fetcher.client.statistics.bytesReceived, totalFiles: total)))
  }

  /// Tells what is kept out: once, since it is remembered as if it were not there.
  private func reportRefusals() {
    guard !refusals.isEmpty else { return }
    let sample = refusals.sorted().prefix(Self.toldRefusals).joined(separator: "; ")
    let more = refusals.count > Self.toldRefusals ? "; and \(Words.count(refusals.count - Self.toldRefusals)) more" : ""
    reporter.warning(
      "differences-refused",
      "source \(memory.source): difference files are kept out, as if they were not there: \(sample)\(more). Clients fetch whole files instead. If this does not change, look at the server, or set diffs = false."
    )
  }
}
