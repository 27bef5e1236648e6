import AdministrationServer
import FileSystem
import Glibc
import JobCore
import MirrorTypes
import ServerJobs
import SiteDocuments
import StrictJSON
import SystemPackage

/// Reads licences from where they are, and writes them down with what of them may leave.
struct LicenceGathering: InContext {
  let context: JobContext
  let origin: LicenceOrigin
  /// The name of this site, for the head of the document.
  let site: String

  /// What was read, and beside it what was found out.
  struct Gathered {
    /// The keys; of devices there are none in it.
    var document: LicenceDocument
    /// Attributes of the server's whose values could not be read, by name.
    var unreadable: [String: Int] = [:]
    /// Bodies of keys, if they were asked for.
    var bodies = LicenceBodies()
  }

  /// Reads all keys.
  func gather() async throws -> Gathered {
    switch origin {
    case .server:
      let connection = try ServerConnection(context)
      return try await connection.use { server in try await keys(of: server, connection) }
    default: return try gatherFromFiles(bodies: false)
    }
  }

  /// Reads all, and writes it down as it comes: of devices only those of one key are in memory.
  ///
  /// - Parameters:
  ///   - redaction: what may be written.
  ///   - bodies: whether the bodies of keys are read too.
  ///   - sink: takes the document, in pieces.
  func write(
    _ redaction: Redaction,
    bodies: Bool,
    to sink: @escaping ([UInt8]) throws -> Void
  ) async throws -> (gathered: Gathered, totals: LicenceTotals) {
    guard case .server = origin else {
      var gathered = try gatherFromFiles(bodies: bodies)
      gathered.bodies = gathered.bodies.leaving(by: redaction, of: KeyFileField.name)
      gathered.document.header.take(site: site, program: Program.generator)
      let (bytes, totals) = try gathered.document.serialized(redaction)
      try sink(bytes)
      return (gathered, totals)
    }
    let connection = try ServerConnection(context)
    let details = KeyDetails(wantsDevices: !redaction.countsDevicesOnly, wantsBodies: bodies)
    return try await connection.use { server in
      var gathered = try await keys(of: server, connection)
      var writer = try LicenceDocumentWriter(gathered.document.header, redaction: redaction, sink: sink)
      let keys = redaction.ordered(gathered.document.keys, by: .serial)
      if details.isNothing {
        for key in keys { try writer.write(key, devices: []) }
        return (gathered, try writer.finish())
      }
      var found = LicenceBodies()
      try await connection.withColleagues(min(KeyDetails.sessions, keys.count) - 1) { others in
        try await details.read(keys, from: [server] + others) { index, key, details in
          try writer.write(key, devices: details.devices)
          if bodies { found[key.serial] = details.body }
          if index % 500 == 499 { reporter.report(.phase("asked for \(index + 1) of \(keys.count) keys")) }
        }
      }
      gathered.bodies = found.leaving(by: redaction, of: LicenceField.serial)
      return (gathered, try writer.finish())
    }
  }

  private func gatherFromFiles(bodies: Bool) throws -> Gathered {
    switch origin {
    case .server: throw JobError(.software, "a server is not a file")
    case .keslControl(let file): return try fromDevice(file)
    case .keyFiles(let folder): return try fromFolder(folder, bodies: bodies)
    case .export(let file): return Gathered(document: try document(in: file))
    case .site(let name): return Gathered(document: try LicenceShelf(configuration.store, site: name).newest())
    }
  }

  private func header(_ source: LicenceSource) -> LicenceHeader {
    LicenceHeader(
      site: site,
      made: clock.now,
      source: source,
      program: Program.generator
    )
  }

  // MARK: - From files

  private func fromDevice(_ file: FilePath?) throws -> Gathered {
    let bytes: [UInt8]
    if let file {
      bytes = try Files.read(Files.resolvingLinks(file), atMost: KeslControlReport.maximumSize)
    } else {
      bytes = try StandardInput.read(atMost: KeslControlReport.maximumSize)
    }
    var document = LicenceDocument(header(.keslControl))
    document.keys = try KeslControlReport(parsing: bytes, name: file?.string ?? "standard input").keys
    return Gathered(document: document)
  }

  private func fromFolder(_ folder: FilePath, bodies wanted: Bool) throws -> Gathered {
    var bodies = LicenceBodies()
    let found = try KeyFileFolder(folder) { name, body in if wanted { bodies[name] = body } }
    if found.skipped > 0 {
      reporter.warning(
        "skipped",
        "\(folder): \(Words.count(found.skipped, "name that is not a plain key file was", "names that are not plain key files were")) skipped"
      )
    }
    var document = LicenceDocument(header(.keyFiles))
    document.files = found.files
    return Gathered(document: document, bodies: bodies)
  }

  private func document(in file: FilePath) throws -> LicenceDocument {
    let bytes = try Files.read(Files.resolvingLinks(file), atMost: LicenceShelf.maximumSize)
    return try LicenceDocument(parsing: bytes, name: file.string)
  }

  // MARK: - From the server

  private func keys(of server: AdministrationServer, _ connection: ServerConnection) async throws -> Gathered {
    reporter.report(.phase("asking \(connection.address) for its licences"))
    var gathered = Gathered(document: LicenceDocument(header(.openAPI)))
    gathered.document.header[.serverAddress] = .text(connection.address)
    gathered.document.header[.virtualServer] = connection.virtualServer.map { .text($0) }
    gathered.document.header[.serverVersion] = try await server.serverInfo().fullVersion.map { .text($0) }
    for key in try await server.licences() {
      let (record, unreadable) = SiteDocuments.LicenceKey.read(attributes: JSONObject(key.attributes))
      for name in unreadable { gathered.unreadable[name, default: 0] += 1 }
      gathered.document.keys.append(record)
    }
    gathered.document.keys.sort { $0.serial.utf8.lexicographicallyPrecedes($1.serial.utf8) }
    return gathered
  }
}

extension LicenceHeader {
  /// Says which site's this is, and what has written it: an earlier document may say anything.
  fileprivate mutating func take(site: String, program: String) {
    self[.site] = .text(site)
    self[.program] = .text(program)
  }
}

/// What comes on standard input.
enum StandardInput {
  /// Reads all of it.
  ///
  /// - Throws: an error with ``ExitStatus/usage`` for more than `limit` bytes.
  static func read(atMost limit: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(STDIN_FILENO, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw JobError(.inputOutput, "standard input cannot be read: \(Errno(rawValue: errno))") }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
      guard bytes.count <= limit else { throw JobError(.usage, "standard input has more than \(limit) bytes") }
    }
  }
}
