import Catalogue
import FileSystem
import SystemPackage

/// What may lie at the root of a store, each by its one name (DESIGN.md, section 4).
///
/// Whatever is made or looked for there takes its place from here: nothing can lie in a store that the store does not
/// know, and a folder with other things in it is none.
package struct StoreMap: Sendable, Hashable {
  /// A file, a folder or a link at the root.
  package enum Entry: String, CaseIterable, Sendable {
    /// The bytes, by digest.
    case objects
    /// What is not finished.
    case partial
    /// Published trees, by number.
    case releases
    /// The SQLite catalogue, and what SQLite keeps beside it.
    case catalogue = "catalogue.sqlite"
    case catalogueLog = "catalogue.sqlite-wal"
    case catalogueMemory = "catalogue.sqlite-shm"
    case catalogueJournal = "catalogue.sqlite-journal"
    /// The greatest numbers that others have proven the store to have given.
    case numbers
    /// Room for whoever makes room.
    case reserve
    /// The lock of whoever changes objects, catalogue or releases.
    case lock
    /// The link to the release that is served.
    case current
    /// The link to the release that was served before.
    case previous
    /// The link that is about to become one of the two.
    case nextLink = "current.new"
    /// Exists while objects may lie here that the catalogue does not name.
    case unsettled
    /// Signed metadata as the web store serves it.
    case metadata
    /// Private keys.
    case keys
    /// What is trusted of bundles and sources.
    case trust
    /// The journal.
    case journal
    /// Receipts, and the sites that are known.
    case receipts
    /// Parcels and deliveries.
    case parcels
    /// Licence documents, by site.
    case licences
    /// Data for the Kaspersky Security Network.
    case ksn
    /// What has been exchanged.
    case exchange
    /// What has come of bundles that are not whole yet.
    case incoming
    /// A bundle that is being spread or streamed.
    case outgoing
    /// Packages of this program.
    case program
    /// Which folders had sticks mounted when they were last written to.
    case mounts = "mounts.json"
    /// The lock of whoever changes a bucket.
    case publishLock = "publish.lock"
    /// The lock of whoever changes packages of an Administration Server.
    case packagesLock = "packages.lock"
    /// Which commands fail, and whether that was reported.
    case notices
    /// A package whose record on the Administration Server is in doubt.
    case pendingPackage = "packages.pending"
    /// A file system has it, where a store is one of its own.
    case lostAndFound = "lost+found"

    /// Whether a web server reads it, or what is below.
    var isServed: Bool {
      switch self {
      case .objects, .releases, .current, .previous, .nextLink, .metadata, .lostAndFound: true
      default: false
      }
    }

    /// Whether it is a folder that holds nothing secret and is no web server's business: the store's group may look.
    var isShared: Bool {
      switch self {
      case .partial, .trust, .receipts, .incoming, .outgoing: true
      default: false
      }
    }

    /// Whether it is of the catalogue, which a web server of another user reads as a member of the store's group.
    var isCatalogue: Bool {
      switch self {
      case .catalogue, .catalogueLog, .catalogueMemory, .catalogueJournal: true
      default: false
      }
    }
  }

  /// The store's folder.
  package let root: FilePath

  /// The map of the store in a folder.
  package init(_ root: FilePath) { self.root = root }

  /// Where something lies.
  package subscript(entry: Entry) -> FilePath { root.appending(entry.rawValue) }

  /// Whether a name may stand at the root of a store.
  package static func knows(_ name: String) -> Bool { Entry(rawValue: name) != nil || DraftName.isOne(name) }
}
