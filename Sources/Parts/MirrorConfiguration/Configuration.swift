import Languages
import MirrorTypes
import SystemPackage

/// The whole configuration of one installation of kscmirror: one TOML file, kscmirror.toml(5).
package struct Configuration: Sendable, Hashable {
  /// The file it was read from.
  package var file = Configuration.defaultFile
  /// The folder of the store.
  package var store: FilePath
  /// How syncs are judged.
  package var sync = SyncSettings()
  /// How bundles are made.
  package var pack = PackSettings()
  /// How many snapshots `prune` keeps.
  package var keep = 5
  /// How long parcels are kept.
  package var parcels = ParcelSettings()
  /// The name of this installation, if it has one: bundles that are made for another are refused.
  package var site: String?
  /// What texts are written in that other people than the administrator read: labels, lists, reports, pages.
  package var language = Language.english
  /// Whether an import refuses a medium that holds what no manifest names.
  package var strictImport = false
  /// What is run after an import has published a release; `nil`: nothing.
  package var importHook: ImportHook?
  /// How long what is signed is valid.
  package var trust = TrustSettings()
  /// What is made of the vendor's own signatures.
  package var vendor = VendorSettings()
  /// The Administration Server of this site; `nil` where none is to be asked.
  package var administrationServer: AdministrationServerSettings?
  /// What of licences leaves the site.
  package var licence = LicenceSettings()
  /// What of Kaspersky Security Network leaves the site.
  package var ksn = KSNSettings()
  /// The folders whose files are carried to and fro, in the order of the file.
  package var exchange: [ExchangeFolder] = []
  /// How the built-in web server serves.
  package var serve = ServeSettings()
  /// The bucket that releases are published to; `nil`: none.
  package var publish: PublishSettings?
  /// From when on something is worth a look.
  package var watch = WatchSettings()
  /// Who gets a report when a command fails.
  package var notify = NotifySettings()
  /// Where updates come from, in the order of the file.
  package var sources: [Source] = []

  /// The defaults, for a store: what holds where there is no file.
  package init(store: FilePath) { self.store = store }

  /// The file that is read when none is named.
  package static let defaultFile: FilePath = "/etc/kscmirror/kscmirror.toml"
  /// The store that is used when none is named.
  package static let defaultStore: FilePath = "/var/lib/kscmirror"
}

/// How syncs are judged.
package struct SyncSettings: Sendable, Hashable {
  /// By how many percent files or bytes of a source may fall before a sync is refused.
  package var shrinkLimit: Int = 30
  /// After how many seconds a sync ends itself, so that one that hangs does not keep all later ones out; 0: never.
  package var timeLimit: Int64 = 86_400
  /// How many percent of the indexes and files of a source that are named may be absent before a sync is refused.
  package var absentLimit: Int = 5
  /// Whether a file that is named but absent makes a sync fail.
  package var strict: Bool = false
  /// How often a sync starts again because the primary indexes changed while it ran.
  package var walks: Int = 5
}

/// How bundles are made.
package struct PackSettings: Sendable, Hashable {
  /// The folder that bundles are written to, when none is named.
  package var output: FilePath?
  /// The most bytes of one volume.
  package var volumeSize: Int64 = 3_900 * 1_048_576
  /// zstd's compression level, 1 to 19.
  package var compressionLevel: Int = 3
  /// Whether what was written is read back from the medium and compared.
  package var readBack: Bool = true
  /// Components in the order in which they go onto a stick that not all fit.
  package var priority: [String] = []
  /// zstd's compression level for the patches of incremental bundles, 1 to 19.
  package var patchLevel: Int = 3
  /// How many threads compress; `nil` is one for each processor.
  package var threads: Int?
  /// How many parity volumes a bundle gets.
  package var parity: Int = 0
  /// Whether what is written to has to be a mounted stick.
  package var mount = MountRule.whereSticksAre

  /// The defaults.
  package init() {}
}

/// How long parcels are kept, on both sides.
package struct ParcelSettings: Sendable, Hashable {
  /// How many of the newest parcels are kept in any case, of each site.
  package var keep: Int = 10
  /// How long others are kept of which nothing says that they have arrived, or were used, in seconds.
  package var keepFor: Int64 = 90 * 86_400
  /// The most bytes that a parcel or delivery may hold, and an exchange folder that is sent.
  package var mostBytes: Int64 = 64 << 30
  /// Whether what they are written to has to be a mounted stick.
  package var mount = MountRule.whereSticksAre

  /// The defaults.
  package init() {}
}

/// How long signed metadata is valid, in seconds.
package struct TrustSettings: Sendable, Hashable {
  /// The root: which keys there are.
  package var root: Int64 = 3650 * 86_400
  /// The list of files, the list of volumes, and the list of those lists.
  package var targets: Int64 = 365 * 86_400
  /// What says which state is the newest: after this time a site notices that it is cut off from newer ones.
  package var timestamp: Int64 = 35 * 86_400

  /// The defaults.
  package init() {}
}

/// What is made of the vendor's own signatures.
package struct VendorSettings: Sendable, Hashable {
  /// How strictly they are taken.
  package enum Signatures: String, Sendable, Hashable, CaseIterable {
    /// They are not looked at.
    case off
    /// What can be verified has to be right; what cannot is counted.
    case check
    /// What cannot be verified is refused too.
    case required
  }

  /// How strictly they are taken.
  package var signatures: Signatures = .check
  /// Whether an update tree has to have a signed primary index, and the signed indexes that it names of what it holds,
  /// also where none was here before.
  package var expectsSigned = true
  /// The public keys of the vendor's intermediate authorities, 128 hexadecimal digits each, that take the place of the
  /// built-in one; `nil`: the built-in one.
  package var intermediates: [String]?

  /// The defaults.
  package init() {}
}

/// One place that updates come from.
package struct Source: Sendable, Hashable {
  /// Its name: letters, digits, `-` and `_`.
  package var name: String
  /// What it is, with what only such a source has.
  package var kind: Kind
  /// Whether a file that is named but absent fails this source; `nil`: as for all.
  package var strict: Bool?
  /// How its servers are reached.
  package var transport: Transport

  /// What a source is.
  package enum Kind: Sendable, Hashable {
    /// An update tree in the vendor's formats.
    case kaspersky(UpdateTreeSource)
    /// A list of single files.
    case files([FileToFetch])
    /// Another kscmirror's web store.
    case tuf(RepositorySource)
  }
}

/// What is mirrored of an update tree.
package struct UpdateTreeSource: Sendable, Hashable {
  /// The servers that hold the tree, each as good as another.
  package var servers: [Server]
  /// The primary indexes; empty: those that the products name, or ``defaultIndexes``.
  package var indexes: [TreePath] = []
  /// Whether the meta indexes are mirrored beside the others, for servers that pass updates on by them.
  package var metaIndexes: Bool = false
  /// The vendor's names of products (`KasperskyEndpointSecurityForLinux_12`).
  package var products: [String] = []
  /// How what the sites report is taken; `nil`: it is not.
  package var reported: ReportedProducts?
  /// Names of components (`KDB`); empty: all.
  package var components: [String] = []
  /// Patterns of applications and versions (`KES 21.[4-9]`); empty: all.
  package var applications: [String] = []
  /// Operating systems as the indexes call them (`Win`, `Lin`); empty: all.
  package var operatingSystems: [String] = []
  /// Processor architectures as the indexes call them; empty: all.
  package var architectures: [String] = []
  /// Languages as the indexes call them; empty: all.
  package var languages: [String] = []
  /// Whether application patches (`updates/bin/`) are mirrored too.
  package var patches: Bool = false
  /// What is made of an index that another one names and no server has.
  package var absentIndexes: AbsentIndexes = .error
  /// Whether the vendor's difference files and compressed twins are mirrored too.
  package var diffs: Bool = false

  /// What is made of an index that another one names and no server has.
  package enum AbsentIndexes: String, Sendable, Hashable, CaseIterable {
    /// No snapshot is sealed without it.
    case error
    /// It is reported, and what it names is not mirrored.
    case report
  }

  /// The primary indexes of the generations that supported products use (FORMAT.md, section 1).
  package static let defaultIndexes = ["index/u1901g.xml", "index/u1313g.xml"]
  /// The vendor's servers (FORMAT.md, section 1).
  package static let defaultServers = (0...19).map { "https://s\($0 < 10 ? "0" : "")\($0).upd.kaspersky.com" }
}

/// One server of a source.
package struct Server: Sendable, Hashable {
  /// Its address, without a slash at the end.
  package var url: String
  /// How often it is chosen, against the others.
  package var weight: Int = 1

  /// Whether it is a folder of this machine.
  package var isFolder: Bool { FileAddress.isMeant(by: url) }
}

/// One file of a source of kind `files`.
package struct FileToFetch: Sendable, Hashable {
  /// Where it is.
  package var url: String
  /// Where it is published, below `packages/`.
  package var path: TreePath
  /// Its digest, where known.
  package var sha256: ObjectDigest?
  /// Its size in bytes, where known.
  package var size: Int64?
}

/// How the servers of a source are reached.
package struct Transport: Sendable, Hashable {
  /// Which version of HTTP is spoken.
  package enum HTTPVersion: String, Sendable, Hashable, CaseIterable {
    case automatic = "auto"
    case http1 = "1.1"
    case http2 = "2"
  }

  /// How a proxy is signed in to.
  package enum ProxyAuthentication: String, Sendable, Hashable, CaseIterable {
    /// What the proxy offers of all but Negotiate, each once.
    case automatic = "auto"
    case basic, digest, ntlm
    /// Kerberos, with the ticket of whoever runs the program.
    case negotiate
  }

  /// A limit for a part of the day.
  package struct BandwidthHours: Sendable, Hashable {
    /// The first minute of the day, in local time, that it is for.
    package var from: Int
    /// The minute of the day at which it ends; before `from`: on the next day.
    package var to: Int
    /// Bytes a second.
    package var limit: Int64
  }

  /// Whether `http://` addresses are taken.
  package var allowHTTP = false
  /// A file of further CA certificates, PEM.
  package var ca: FilePath?
  /// The certificate that we show, PEM.
  package var clientCertificate: FilePath?
  /// Its private key, PEM.
  package var clientKey: FilePath?
  /// A file with the pass phrase of that key.
  package var clientKeyPassphraseFile: FilePath?
  /// The server's public key, as `sha256//` and base64.
  package var pin: String?
  /// The proxy's address; `nil`: what the environment says; empty: none.
  package var proxy: String?
  /// Whom to sign in to the proxy as.
  package var proxyUser: String?
  /// A file with the password for the proxy.
  package var proxyPasswordFile: FilePath?
  /// How the proxy is signed in to.
  package var proxyAuth: ProxyAuthentication = .automatic
  /// How many files are fetched at once.
  package var transfers: Int = 16
  /// How many connections one server gets at the most.
  package var connectionsPerServer: Int = 10
  /// The version of HTTP.
  package var http: HTTPVersion = .automatic
  /// How often one file is tried.
  package var attempts: Int = 5
  /// Seconds that a run waits in all for servers that ask for it (`Retry-After`).
  package var waitLimit: Double = 600
  /// Seconds until a connection has to stand.
  package var connectTimeout: Double = 30
  /// Seconds without a byte after which a transfer is given up.
  package var stallTimeout: Double = 60
  /// Seconds that one file may take; `nil`: no limit.
  package var totalTimeout: Double?
  /// Bytes a second for all transfers together; `nil`: no limit.
  package var bandwidth: Int64?
  /// Limits for parts of the day, the first that fits is used.
  package var bandwidthHours: [BandwidthHours] = []
}

/// Another kscmirror's web store: a TUF repository.
package struct RepositorySource: Sendable, Hashable {
  /// Its address, without a slash at the end: `metadata/` and `targets/` lie below it.
  package var url: String
  /// The file with the root metadata by which it is trusted.
  package var root: FilePath
}
