import MirrorTypes

/// One index, parsed.
public struct IndexFile: Sendable {
  /// Where it stands in the tree.
  public let path: TreePath
  /// Which generation of the format it is written in.
  public let generation: Generation
  /// The date in its root element.
  public let date: IndexDate?
  /// The root's `ObjectType`, such as `2=KDB;3=BASE`.
  public let objectType: String?
  /// What it names, in its own order.
  public let entries: [IndexEntry]
  /// What in it is unknown to us.
  public let drift: DriftReport
  /// How many bytes the XML has; the signatures stand behind it.
  public let xmlByteCount: Int
  /// Whether behind it stands what begins like a signature that can be checked (`=!`, FORMAT.md, section 3).
  public let hasTrailer: Bool

  /// What the root element says.
  public struct Header: Sendable, Hashable {
    /// Which generation of the format the index is written in.
    public let generation: Generation
    /// The date.
    public let date: IndexDate?
    /// The `ObjectType`, such as `2=KDB;3=BASE`.
    public let objectType: String?
    /// Whether a signature that can be checked stands behind the index, be it right or not.
    public let hasTrailer: Bool

    /// Whether the vendor's signature is to be looked at: one that is there, or that this generation always has. Only
    /// then do the digests in the index prove anything.
    public var isSignable: Bool { generation == .update3 || hasTrailer }
  }

  /// What the root element says.
  public var header: Header {
    Header(generation: generation, date: date, objectType: objectType, hasTrailer: hasTrailer)
  }

  /// Generations of the format (FORMAT.md, section 1).
  public enum Generation: String, Sendable, Hashable {
    /// 0607g: root element `UpdateFiles`.
    case updateFiles
    /// 1313g: root element `Update`, format 2.0.
    case update2
    /// 1901g and the meta indexes: root element `Update`, format 3.0.
    case update3
  }
}

/// One thing that an index names.
public struct IndexEntry: Sendable, Hashable {
  /// What an entry stands for.
  public enum Kind: Sendable, Hashable {
    /// A further index.
    case index
    /// A file.
    case file
    /// A file whose content stands in the index itself: nothing to fetch.
    case inline
  }

  /// What it stands for.
  public let kind: Kind
  /// Its path from the root of the tree: folder of the index, `SrvPath`, `Name`.
  public let path: TreePath
  /// The components that it is of.
  public let components: [String]
  /// What it is restricted to: texts as in the index, empty where it is not restricted.
  public let applications: String
  /// Operating systems.
  public let operatingSystems: String
  /// Architectures of the process.
  public let architectures: String
  /// Architectures of the system.
  public let systemArchitectures: String
  /// Languages.
  public let languages: String
  /// The vendor's DSKM2 digest, 32 bytes, where there is one.
  public internal(set) var dskm2: Digest256?
  /// Whether the record has a digest of any kind, so that an unchanged record means an unchanged file.
  public let carriesDigest: Bool
  /// The size in bytes, where the index tells it.
  public let size: Int64?
  /// The date that the record has of it: for an index, the one in that index's own root element.
  public let date: IndexDate?
  /// A digest of what the record says of the file's content: the same on every machine.
  public let fingerprint: UInt64
  /// The bytes of an index that stands in this one, beside the primary indexes; `nil` for anything else.
  public let carried: [UInt8]?

  /// Whether it is an application patch, which is mirrored only if asked for (FORMAT.md, section 1).
  public var isPatch: Bool { path.string.utf8.starts(with: "updates/bin/".utf8) }
}
