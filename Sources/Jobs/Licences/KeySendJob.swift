import ContentStore
import FileSystem
import JobCore
import MirrorTypes
import Parcels
import SiteDocuments
import Sites
import SystemPackage
import Trust

/// Seals licence keys in a delivery for one site, on the connected side.
package struct KeySendJob: Sendable, InContext {
  /// What is sent.
  package struct Options: Sendable {
    /// The key files, or files with an activation code.
    package var files: [FilePath] = []
    /// The site.
    package var site = ""
    /// Whether the server there is to give the keys to devices by itself.
    package var isAutomatic = false
    /// What a person has to say to those who install them.
    package var note = ""
    /// The medium; `nil`: the delivery stays in the store until `pack --site` or `parcel send --to`.
    package var output: FilePath?
    /// Whether what was written to the medium is read back and compared.
    package var readBack = true
    /// Whether nothing is made, and what would be sent is reported.
    package var dryRun = false
    /// Whether files are sent that do not look like keys.
    package var anyway = false

    /// The defaults.
    package init() {}
  }

  package let context: JobContext
  private let options: Options

  /// The most keys of one delivery.
  private static let maximumKeys = 1000

  /// A job on the context's store.
  package init(_ context: JobContext, options: Options) {
    self.context = context
    self.options = options
  }

  /// Makes the delivery.
  ///
  /// - Throws: an error; no delivery is made then.
  package func run() throws -> KeySendReport {
    _ = try ContentStore.open(folder, access: .reading)
    try SiteRegistry(folders).refuseUnknown(options.site)
    let bodies = try read()
    let order = KeyOrder(isAutomatic: options.isAutomatic, note: options.note)
    let outbox = try ParcelOutbox(context, .toSite, site: options.site)
    func fill(_ writer: ParcelWriter) throws {
      try writer.add(order.serialized, as: try TreePath(KeyOrder.fileName), of: .keys)
      try writer.add(bodies.serializedWithSecrets(), as: try TreePath(LicenceBodies.fileName), of: .keys)
    }
    var report = KeySendReport(site: options.site, keys: bodies.count, dryRun: options.dryRun)
    if options.dryRun {
      let preview = try outbox.preview(carrying: [.keys], fill)
      (report.number, report.contents) = (preview.number, preview.contents)
      return report
    }
    // Where no stick is mounted, nothing is made.
    let medium = try options.output.map(outbox.medium)
    let delivery = try outbox.make(carrying: [.keys], fill)
    (report.number, report.contents) = (delivery.number, delivery.contents)
    if let medium {
      report.folder = try outbox.send([delivery.number], to: medium, readBack: options.readBack).first?.folder
    }
    return report
  }

  /// The keys by the names of their files, each once.
  private func read() throws -> LicenceBodies {
    guard (1...Self.maximumKeys).contains(options.files.count) else {
      throw JobError(.usage, "a delivery has 1 to \(Self.maximumKeys) keys")
    }
    var bodies = LicenceBodies()
    var names: [LicenceBody: FilePath] = [:]
    for file in options.files {
      let bytes = try Files.read(Files.resolvingLinks(file), atMost: LicenceBody.maximumSize)
      guard let body = LicenceBody(bytes) else { throw JobError(.wrongContent, "\(file): this file is empty") }
      if !options.anyway, let objection = body.objection(fileName: file.lastComponent?.string ?? "") {
        throw JobError(
          .wrongContent,
          "\(file): this does not look like a licence key: \(objection). Nothing was sent",
          remedy: "Name a key file, or a file with an activation code; if it is one all the same, add --anyway."
        )
      }
      if let other = names.updateValue(file, forKey: body) {
        throw JobError(.usage, "\(file): the same key as \(other)", remedy: "Name each key once.")
      }
      let name = Self.name(of: file, body, number: bodies.count + 1)
      guard bodies[name] == nil else {
        throw JobError(.usage, "\(file): two keys have this name", remedy: "Give one of the files another name.")
      }
      bodies[name] = body
    }
    return bodies
  }

  /// A name that whoever guards the gate may read: a file that is called like the code in it is not.
  private static func name(of file: FilePath, _ body: LicenceBody, number: Int) -> String {
    let name = file.lastComponent?.string ?? ""
    let code = body.revealed { String(decoding: $0, as: UTF8.self) }.uppercased().prefix(23)
    let isSound = (1...128).contains(name.utf8.count) && SafeText.printable(name) == name
    guard isSound, body.kind != .activationCode || !name.uppercased().contains(code) else { return "key \(number)" }
    return name
  }
}

/// What was sent, or would be.
package struct KeySendReport: Sendable, Encodable {
  /// The site.
  package let site: String
  /// How many keys.
  package let keys: Int
  /// Whether nothing was made.
  package let dryRun: Bool
  /// The delivery's number.
  package fileprivate(set) var number: Int64 = 0
  /// The list of what it holds.
  package fileprivate(set) var contents = ""
  /// Its folder on the medium, if it was written to one.
  package fileprivate(set) var folder: String?

  fileprivate init(site: String, keys: Int, dryRun: Bool) {
    self.site = site
    self.keys = keys
    self.dryRun = dryRun
  }
}
