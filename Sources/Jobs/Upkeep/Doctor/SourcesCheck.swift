import Curl
import JobCore
import MirrorConfiguration
import MirrorTypes
import Mirroring
import Transfer
import UpdateIndex

/// Whether the servers of the sources answer: each is asked for one small file.
struct SourcesCheck: DoctorCheck {
  /// How many servers of a source, or files of a list, are asked.
  private static let maximumAsked = 32
  /// More of an answer is not read: a file that is longer is cut at once, and answer enough.
  private static let maximumBytes = 64 << 10
  /// How long a server may take, in seconds.
  private static let patience: Double = 20
  /// How many servers are asked at the same time.
  private static let window = 16

  func findings(in patient: Patient) async -> [Finding] {
    var findings: [Finding] = []
    for source in patient.configuration?.sources ?? [] {
      patient.reporter.report(.phase("asking the servers of \(source.name)"))
      findings.append(await Self.finding(source, patient.transports))
    }
    return findings
  }

  private static func finding(_ source: Source, _ transports: Transports) async -> Finding {
    let name = "sources.\(source.name)"
    let asked = questions(source)
    var failures: [JobError] = []
    try? await concurrently(asked, atMost: window) {
      await ask($0, source.transport, transports)
    } take: {
      if let failure = $0 { failures.append(failure) }
    }
    failures.sort { $0.message < $1.message }
    guard let first = failures.first else {
      return .ok(
        name,
        "source \(source.name): \(answer(asked))"
      )
    }
    guard failures.count < asked.count else { return .error(name, first) }
    return .warning(
      name,
      "source \(source.name): \(failures.count) of \(asked.count) do not answer, such as: \(first.message)",
      remedy: "The others take over; if this does not change, take them out of the configuration."
    )
  }

  private static func answer(_ asked: [String]) -> String {
    switch (asked.count, asked.allSatisfy(FileAddress.isMeant)) {
    case (1, true): "its file or folder is there"
    case (_, true): "all \(asked.count) files are there"
    case (1, false): "its server answers"
    case (_, false): "all \(asked.count) servers answer"
    }
  }

  /// What is asked, one address each.
  private static func questions(_ source: Source) -> [String] {
    switch source.kind {
    case .kaspersky(let tree):
      let index = tree.indexes.first?.string ?? UpdateTreeSource.defaultIndexes[0]
      return tree.servers.prefix(maximumAsked).map { "\($0.url)/\(index)" }
    case .files(let files): return files.prefix(maximumAsked).map(\.url)
    case .tuf(let repository): return ["\(repository.url)/metadata/timestamp.json"]
    }
  }

  private static func ask(_ url: String, _ transport: Transport, _ transports: Transports) async -> JobError? {
    do {
      var options = try TransferOptions(transport, servers: [])
      options.retries.attempts = 1
      options.connection.connectTimeout = .seconds(min(transport.connectTimeout, patience))
      options.totalTimeout = .seconds(patience)
      let client = try transports.files(options)
      defer { client.shutdown() }
      let sink = MemorySink(limit: maximumBytes)
      _ = try await client.fetch(TransferRequest(.url(url), into: sink, maximumBytes: Int64(maximumBytes)))
      return nil
    } catch let error as TransferError where isAnswer(error) {
      return nil
    } catch {
      return JobError(error)
    }
  }

  private static func isAnswer(_ error: TransferError) -> Bool {
    switch error.reason {
    case .tooLarge: true
    case .noServerLeft(let failures): failures.contains(where: isAnswer)
    default: false
    }
  }
}
