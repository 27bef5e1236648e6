import Catalogue
import ContentStore
import JobCore
import MirrorTypes
import SyncRules
import Transfer
import UpdateIndex

/// The indexes of one walk as the servers gave them: each is asked for once, with a condition where an earlier one
/// is at hand.
final class IndexAnswers {
  /// One index as the server gave it.
  struct Answer: Sendable {
    /// What is remembered of it.
    var index: TreeMemory.Index
    /// How many bytes came by this request; 0 when nothing had changed.
    let fetchedBytes: Int64
    /// The server that answered in this walk; empty where none has it.
    var server = ""

    /// Its object; `nil` when the server does not have it.
    var object: ObjectDigest? { index.object }
  }

  /// Asks for single indexes, from any task.
  let asker: Asker
  /// What is known of each index from before, for the conditions.
  private var earlier: [TreePath: TreeMemory.Index] = [:]
  /// What was answered in this walk.
  private var answers: [TreePath: Answer] = [:]
  /// What other indexes of this walk carry: it stands in for what the server does not have.
  private var carried: [TreePath: TreeMemory.Index] = [:]
  /// The indexes that are asked for without a condition in this walk.
  private var distrusted: Set<TreePath> = []

  /// How many indexes are asked for at once.
  private static let concurrency = 32

  init(fetcher: Fetcher, memory: TreeMemory?, maximumBytes: Int64) {
    asker = Asker(fetcher: fetcher, maximumBytes: maximumBytes)
    for (text, index) in memory?.indexes ?? [:] where index.carriedBy == nil {
      if let path = try? TreePath(text) { earlier[path] = index }
    }
  }

  /// What the server said of an index in this walk; where it does not have it, what another index carries of it.
  subscript(_ path: TreePath) -> Answer? {
    guard let answer = answers[path] else { return nil }
    guard answer.object == nil, let index = carried[path] else { return answer }
    return Answer(index: index, fetchedBytes: 0)
  }

  /// Notes whether the vendor's signature over an index is right.
  func note(isVerified: Bool, _ path: TreePath) {
    if answers[path]?.object == nil { carried[path]?.isVerified = isVerified }
    answers[path]?.index.isVerified = isVerified
  }

  /// Keeps what an index carries of another one.
  ///
  /// - Parameter carrier: the index that has it inside.
  func take(carried object: FinishedObject, _ path: TreePath, by carrier: TreePath) {
    guard carried[path] == nil else { return }
    carried[path] = TreeMemory.Index(
      object: object.digest,
      size: object.size,
      server: answers[carrier]?.index.server ?? "",
      fetched: asker.fetcher.clock.now,
      carriedBy: carrier.string
    )
  }

  /// The indexes that the server gives in another form than another index carries them, sorted.
  var differingFromCarried: [TreePath] {
    carried.compactMap { path, index in
      answers[path]?.object.map { $0 != index.object } == true ? path : nil
    }.sorted()
  }

  /// Keeps an answer.
  func take(_ answer: Answer, for path: TreePath) { answers[path] = answer }

  /// One request to make.
  struct Question: Sendable {
    let path: TreePath
    let earlier: TreeMemory.Index?
    /// Whether the date of the earlier one is a condition, where it has no tag: only while nothing above it has changed.
    var trustsDate = false
    /// What is known of its absence, if it was absent.
    var absence: Absence?
  }

  /// Takes an answer back that cannot be right: the index is asked for once more, and its bytes are wanted whatever the
  /// server takes for unchanged.
  func distrust(_ path: TreePath) {
    answers[path] = nil
    distrusted.insert(path)
  }

  /// The condition to ask for an index with: only if its object is still here.
  ///
  /// - Parameter trustingDate: whether a date alone is one.
  func question(for path: TreePath, trustingDate: Bool = false) -> Question {
    guard !distrusted.contains(path), let index = earlier[path], let object = index.object,
      (try? asker.fetcher.store.contains(object)) == true
    else { return Question(path: path, earlier: nil, absence: earlier[path]?.absence) }
    return Question(path: path, earlier: index, trustsDate: trustingDate)
  }

  /// Asks single questions.
  struct Asker: Sendable {
    let fetcher: Fetcher
    let maximumBytes: Int64

    func ask(_ question: Question) async throws -> Answer {
      let answer = try await fetcher.fetch(
        question.path,
        validators: question.trustsDate ? question.earlier?.validators : question.earlier?.validators.tagAlone,
        maximumBytes: maximumBytes,
        wasAbsent: question.absence != nil
      )
      switch answer {
      case .fetched(let object, let response):
        let index = TreeMemory.Index(object, response, at: fetcher.clock.now)
        return Answer(index: index, fetchedBytes: object.size, server: response.server)
      case .unchanged(let response):
        guard let earlier = question.earlier else {
          throw JobError(.badAnswer, "\(response.url): the server says 'not modified' to an unconditional request")
        }
        return Answer(index: earlier, fetchedBytes: 0, server: response.server)
      case .absent(let refusal):
        return Answer(
          index: .absent(after: question.absence, refusal: refusal, at: fetcher.clock.now),
          fetchedBytes: 0
        )
      }
    }
  }

  /// Asks for all of `paths`, many at once, and keeps the answers.
  ///
  /// - Parameter trustingDates: whether a date alone is a condition, where there is no tag.
  /// - Returns: whether any is other than it was.
  func askAll(_ paths: some Collection<TreePath>, trustingDates: Bool = false) async throws -> Bool {
    // What was asked in this walk already, to see which server is behind, need not be asked again.
    let open = paths.filter { answers[$0] == nil }
    let questions = open.map { question(for: $0, trustingDate: trustingDates) }
    let asker = asker
    var all: [(TreePath, Answer)] = []
    try await concurrently(questions, atMost: Self.concurrency) {
      ($0.path, try await asker.ask($0))
    } take: {
      all.append($0)
    }
    for (path, answer) in all { answers[path] = answer }
    return paths.contains { earlier[$0]?.object != answers[$0]?.object }
  }

  /// Finds out whether anything is new since the last sealed sync.
  ///
  /// The primary indexes are asked for first, and the others only where those have not changed: an answer is of use only
  /// if it is younger than the newest change of a primary index, or two states of the server would be mixed.
  ///
  /// - Parameter known: the indexes that the last sealed sync had.
  func areUnchanged(_ known: some Collection<TreePath>, primaries: [TreePath]) async throws -> Bool {
    let first = Set(primaries)
    if try await askAll(known.filter(first.contains)) { return false }
    return try await !askAll(known.filter { !first.contains($0) }, trustingDates: true)
  }

  /// Begins another walk: what was answered so far becomes what is known from before, but for the primary indexes,
  /// which are asked for now.
  ///
  /// - Parameter doubtful: indexes that one below them contradicts: they are asked for now too, without a condition.
  /// - Returns: whether any of them is other than it was in the walk that ends.
  func askAgain(for primaries: [TreePath], doubtful: Set<TreePath> = []) async throws -> Bool {
    for (path, answer) in answers { earlier[path] = answer.index }
    distrusted = doubtful
    defer { distrusted = [] }
    let before = (answers, carried)
    (answers, carried) = ([:], [:])
    guard try await askAll(Set(primaries).union(doubtful)) else {
      (answers, carried) = before
      return false
    }
    return true
  }

  /// What to remember of the indexes for the next sync.
  func memory(of paths: some Sequence<TreePath>) -> [String: TreeMemory.Index] {
    var indexes: [String: TreeMemory.Index] = [:]
    for path in paths { indexes[path.string] = self[path]?.index }
    return indexes
  }
}
