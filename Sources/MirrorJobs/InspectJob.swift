import Bundle
import SystemPackage

/// Tells what bundles lie somewhere, without unpacking them.
public struct InspectJob: Sendable {
  private let path: FilePath

  /// A job on a folder, or on a file of a bundle.
  public init(path: FilePath) { self.path = path }

  /// Looks at manifests, names and sizes only.
  ///
  /// - Throws: ``JobError`` when there is no bundle, or none that can be read.
  public func run() throws(JobError) -> InspectReport {
    try translatingErrors {
      let bundles = try BundleReader.find(at: path)
      guard !bundles.isEmpty else { throw JobError(.notABundle, "\(path): there is no bundle here") }
      return InspectReport(bundles: try bundles.map(InspectReport.BundleFacts.init))
    }
  }
}

/// What bundles lie somewhere.
public struct InspectReport: Sendable, Encodable {
  /// The bundles, oldest snapshot first.
  public let bundles: [BundleFacts]

  /// One bundle.
  public struct BundleFacts: Sendable, Encodable {
    /// The manifest's path.
    public let manifest: String
    /// The site that it is for, if for one.
    public let site: String?
    /// The snapshot.
    public let snapshot: Int
    /// `full`, or against what it is incremental.
    public let kind: String
    /// When the snapshot was sealed, in seconds since 1970.
    public let created: Int64
    /// The program that made it.
    public let generator: String
    /// How many files the snapshot has.
    public let files: Int
    /// How many objects the bundle carries.
    public let objects: Int
    /// The bytes of the snapshot's files.
    public let contentBytes: Int64
    /// The parts beside the manifest.
    public let parts: [Part]
    /// Whether all parts are there.
    public let isComplete: Bool

    init(_ bundle: BundleReader) throws(BundleError) {
      let facts = bundle.manifest
      manifest = bundle.folder.appending(bundle.manifestName).string
      site = facts.site
      snapshot = facts.snapshot
      kind = facts.kind
      created = facts.created
      generator = facts.generator
      files = facts.fileCount
      objects = facts.objectCount
      contentBytes = facts.totalBytes
      parts = try bundle.parts().map(Part.init)
      isComplete = parts.allSatisfy { $0.state == .present }
    }
  }

  /// One file of a bundle.
  public struct Part: Sendable, Encodable {
    /// Its file's name.
    public let name: String
    /// Its bytes, as the manifest says.
    public let bytes: Int64
    /// Whether it is there.
    public let state: State

    init(_ part: BundleReader.PartState) {
      name = part.name
      bytes = part.size
      state =
        switch part.state {
        case .present: .present
        case .missing: .missing
        case .wrongSize: .wrongSize
        }
    }

    /// Whether a part is there, by name and size.
    public enum State: String, Sendable, Encodable {
      case present
      case missing
      case wrongSize = "of the wrong size"
    }
  }
}
