import MirrorTypes

/// One index, parsed.
package struct IndexFile: Sendable {
  /// Where it stands in the tree.
  package let path: TreePath
  /// Which generation of the format it is written in.
  package let generation: Generation
  /// The date in its root element.
  package let date: IndexDate?
  /// The root's `ObjectType`, such as `2=KDB;3=BASE`.
  package let objectType: String?
  /// What it names, in its own order.
  package let entries: [IndexEntry]
  /// What in it is unknown to us.
  package let drift: DriftReport
  /// How many bytes the XML has; the signatures stand behind it.
  package let xmlByteCount: Int
  /// Whether behind it stands what begins like a signature that can be checked (`=!`, FORMAT.md, section 3).
  package let hasTrailer: Bool

  /// What the root element says.
  package struct Header: Sendable, Hashable {
    /// Which generation of the format the index is written in.
    package let generation: Generation
    /// The date.
    package let date: IndexDate?
    /// The `ObjectType`, such as `2=KDB;3=BASE`.
    package let objectType: String?
    /// Whether a signature that can be checked stands behind the index, be it right or not.
    package let hasTrailer: Bool

    /// Whether the vendor's signature is to be looked at: one that is there, or that this generation always has. Only
    /// then do the digests in the index prove anything.
    package var isSignable: Bool { generation == .update3 || hasTrailer }
  }

  /// What the root element says.
  package var header: Header {
    Header(generation: generation, date: date, objectType: objectType, hasTrailer: hasTrailer)
  }

  /// Generations of the format (FORMAT.md, section 1).
  package enum Generation: String, Sendable, Hashable {
    /// 0607g: root element `UpdateFiles`.
    case updateFiles
    /// 1313g: root element `Update`, format 2.0.
    case update2
    /// 1901g and the meta indexes: root element `Update`, format 3.0.
    case update3
  }
}

/// One thing that an index names.
package struct IndexEntry: Sendable, Hashable {
  /// What an entry stands for.
  package enum Kind: Sendable, Hashable {
    /// A further index.
    case index
    /// A file.
    case file
    /// A file whose content stands in the index itself: nothing to fetch.
    case inline
  }

  /// What it stands for.
  package let kind: Kind
  /// Its path from the root of the tree: folder of the index, `SrvPath`, `Name`.
  package let path: TreePath
  /// The components that it is of.
  package let components: [String]
  /// What it is restricted to: texts as in the index, empty where it is not restricted.
  package let applications: String
  /// Operating systems.
  package let operatingSystems: String
  /// Architectures of the process.
  package let architectures: String
  /// Architectures of the system.
  package let systemArchitectures: String
  /// Languages.
  package let languages: String
  /// The vendor's DSKM2 digest, 32 bytes, where there is one.
  package internal(set) var dskm2: Digest256?
  /// Whether the record has a digest of any kind, so that an unchanged record means an unchanged file.
  package let carriesDigest: Bool
  /// The size in bytes, where the index tells it.
  package let size: Int64?
  /// The date that the record has of it: for an index, the one in that index's own root element.
  package let date: IndexDate?
  /// A digest of what the record says of the file's content: the same on every machine.
  package let fingerprint: UInt64
  /// The bytes of an index that stands in this one, beside the primary indexes; `nil` for anything else.
  package let carried: [UInt8]?

  /// Whether it is an application patch, which is mirrored only if asked for (FORMAT.md, section 1).
  package var isPatch: Bool { path.lies(below: "updates/bin") }
}
