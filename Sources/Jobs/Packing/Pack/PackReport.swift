import BundleFormat
import Catalogue
import JobCore
import MirrorTypes
import Parcels
import StoreTrust
import SystemPackage

/// What became of a pack: one of three things.
package enum PackReport: Sendable {
  /// The bundle lies in the folder and is whole.
  case written(Written)
  /// A dry run: nothing was written.
  case planned(Planned)
  /// The site has the snapshot by its receipt.
  case nothingToCarry(NothingToCarry)

  /// Which snapshot it is about, for whom and where.
  package struct Subject: Sendable {
    /// The folder that the bundle lies in, or would lie in.
    package let folder: FilePath
    /// The snapshot's number.
    package let snapshot: Int
    /// The site that it is for, if for one.
    package let site: String?
    /// How many files the snapshot has.
    package let files: Int
    /// Their bytes.
    package let contentBytes: Int64

    init(_ snapshot: Snapshot, site: String?, in folder: FilePath) {
      self.folder = folder
      self.snapshot = snapshot.number
      self.site = site
      files = snapshot.fileCount
      contentBytes = snapshot.totalBytes
    }

    init(_ planned: Fitting.PlannedSelection, site: String?, in folder: FilePath) {
      self.folder = folder
      self.site = site
      snapshot = planned.number
      files = planned.files
      contentBytes = planned.bytes
    }
  }

  /// What a bundle carries of its snapshot.
  package struct Load: Sendable {
    /// The bundle's own folder, without the path to it.
    package let bundle: String
    /// The snapshot that it builds on; `nil` for a full bundle.
    package let base: Int?
    /// What each component adds to an incremental bundle, the largest first.
    package let components: [Component]
    /// Components that did not fit and stay behind.
    package let leftBehind: [LeftBehind]
    /// The packages of this program that ride along.
    package let programs: [Program]
    /// What was free in the folder before, in bytes.
    package let freeBytes: Int64

    init(
      _ bundle: String,
      _ increment: IncrementPlan?,
      left: [Fitting.LeftBehind],
      programs: [CarriedProgram],
      freeBytes: Int64
    ) {
      self.programs = programs.map(Program.init)
      self.bundle = bundle
      base = increment?.base.number
      components = increment?.shares.map(Component.init) ?? []
      leftBehind = left.map(LeftBehind.init)
      self.freeBytes = freeBytes
    }

    init(_ bundle: String, base: Int?, left: [Fitting.LeftBehind], programs: [CarriedProgram], freeBytes: Int64) {
      self.programs = programs.map(Program.init)
      self.bundle = bundle
      self.base = base
      components = []
      leftBehind = left.map(LeftBehind.init)
      self.freeBytes = freeBytes
    }
  }

  /// A bundle that lies in the folder.
  package struct Written: Sendable {
    /// The snapshot that it carries.
    package let subject: Subject
    /// What it carries of it.
    package let load: Load
    /// The version of its metadata.
    package let version: Int
    /// When its metadata expires.
    package let expires: UTCTime
    /// Its volumes.
    package let volumes: [Volume]
    /// Whether the very same bundle was there already.
    package let wasThere: Bool
    /// Whether what was written was read back from the medium, and compared.
    package let isReadBack: Bool
    /// The deliveries for the site that were written beside it.
    package let deliveries: [WrittenParcel]
    /// What it was written to; `nil` for a folder of the store.
    package let medium: MediumFacts?

    init(
      _ bundle: WrittenBundle,
      _ subject: Subject,
      _ load: Load,
      wasThere: Bool,
      isReadBack: Bool,
      deliveries: [WrittenParcel],
      medium: MediumFacts?
    ) {
      self.subject = subject
      self.load = load
      version = bundle.header.version
      expires = bundle.header.expires
      volumes = bundle.volumes.map { Volume(name: bundle.facts.naming.file(of: $0).text, bytes: $0.size) }
      self.wasThere = wasThere
      self.isReadBack = isReadBack
      self.deliveries = deliveries
      self.medium = medium
    }

    /// The bytes of the volumes.
    package var bundleBytes: Int64 { volumes.totalBytes { $0.bytes } }
  }

  /// A bundle that a dry run did not write.
  package struct Planned: Sendable {
    /// The snapshot that it would carry.
    package let subject: Subject
    /// What it would carry of it.
    package let load: Load
    /// The most bytes that it can have.
    package let worstCaseBytes: Int64

    init(subject: Subject, load: Load, worstCaseBytes: Int64) {
      self.subject = subject
      self.load = load
      self.worstCaseBytes = worstCaseBytes
    }

    /// A bundle of a selection that was not sealed.
    init(
      _ planned: Fitting.PlannedSelection,
      _ fitting: Fitting.Selection,
      _ names: BundleNames,
      site: String?,
      in folder: FilePath,
      programs: [CarriedProgram],
      _ freeBytes: Int64
    ) {
      subject = Subject(planned, site: site, in: folder)
      let own = BundleNames(snapshot: planned.number, base: names.base, site: names.site)
      load = Load(own.folder, base: names.base, left: fitting.left, programs: programs, freeBytes: freeBytes)
      worstCaseBytes = fitting.bytes ?? planned.bytes
    }
  }

  /// No bundle: the site has the snapshot.
  package struct NothingToCarry: Sendable {
    /// The snapshot that the site has.
    package let subject: Subject
    /// The deliveries for the site that were written all the same.
    package let deliveries: [WrittenParcel]
    /// What they were written to; `nil` in a dry run, and for a folder of the store.
    package let medium: MediumFacts?
  }

  /// One volume.
  package struct Volume: Sendable, Encodable {
    /// Its file's name.
    package let name: String
    /// Its bytes.
    package let bytes: Int64
  }

  /// What a component adds to an incremental bundle.
  package struct Component: Sendable, Encodable {
    /// The component; empty for files that belong to none.
    package let name: String
    /// Files of which the base has an older version.
    package let changed: Int
    /// New files that resemble one of the base by their names.
    package let renewed: Int
    /// Files that are new.
    package let new: Int
    /// The bytes of all of them, before they are compressed.
    package let bytes: Int64

    init(_ share: IncrementPlan.Share) {
      name = share.component
      changed = share.changed
      renewed = share.renewed
      new = share.new
      bytes = share.bytes
    }
  }

  /// A package of this program.
  package struct Program: Sendable, Encodable {
    /// Its file's name.
    package let name: String
    /// The version that it installs.
    package let version: String
    /// Its bytes.
    package let bytes: Int64

    init(_ program: CarriedProgram) {
      name = program.package.name
      version = program.package.version.text
      bytes = program.size
    }
  }

  /// A component that did not fit.
  package struct LeftBehind: Sendable, Encodable {
    /// The component.
    package let name: String
    /// Its files.
    package let files: Int
    /// Their bytes.
    package let bytes: Int64

    init(_ left: Fitting.LeftBehind) {
      name = left.component
      files = left.files
      bytes = left.bytes
    }
  }

  /// The snapshot that it is about.
  package var subject: Subject {
    switch self {
    case .written(let written): written.subject
    case .planned(let planned): planned.subject
    case .nothingToCarry(let nothing): nothing.subject
    }
  }

  /// The name of the bundle that lies in the folder; `nil` if there is none.
  package var writtenBundle: String? {
    if case .written(let written) = self { written.load.bundle } else { nil }
  }
}

extension PackReport: Encodable {
  /// The keys of the JSON result, the same ones in all three cases; kscmirror-json(5) promises them.
  package struct Fields: Encodable {
    /// The folder that the bundle lies in, or would lie in.
    let folder: String
    /// The bundle's own folder, without the path to it; empty if there is none.
    var bundle = ""
    /// The snapshot.
    let snapshot: Int
    /// The snapshot that it builds on; `nil` for a full bundle.
    var base: Int?
    /// What each component adds to an incremental bundle, the largest first.
    var components: [Component] = []
    /// Components that did not fit and stay behind.
    var leftBehind: [LeftBehind] = []
    /// The packages of this program that ride along.
    var programs: [Program] = []
    /// The site that it is for, if for one.
    let site: String?
    /// The version of its metadata; 0 if nothing was written.
    var version = 0
    /// When it expires; 0 if nothing was written.
    var expires = UTCTime.epoch
    /// How many files the snapshot has.
    let files: Int
    /// Their bytes.
    let contentBytes: Int64
    /// The bytes of its volumes; in a dry run at most.
    var bundleBytes: Int64 = 0
    /// Its volumes.
    var volumes: [Volume] = []
    /// What was free in the folder before, in bytes.
    var freeBytes: Int64 = 0
    /// Whether this was a dry run: nothing was written.
    var dryRun = false
    /// Whether the bundle lay there whole already.
    var wasThere = false
    /// Whether nothing was to be carried, since the site has the snapshot by its receipt.
    var siteHasIt = false
    /// Deliveries that were written beside it.
    var deliveries: [WrittenParcel] = []
    /// What was written to.
    var medium: MediumFacts?
    /// Whether what was written was read again from the medium and is right.
    var readBack = false

    init(_ subject: Subject) {
      folder = subject.folder.string
      snapshot = subject.snapshot
      site = subject.site
      files = subject.files
      contentBytes = subject.contentBytes
    }

    mutating func take(_ load: Load) {
      bundle = load.bundle
      base = load.base
      components = load.components
      leftBehind = load.leftBehind
      programs = load.programs
      freeBytes = load.freeBytes
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var fields = Fields(subject)
    switch self {
    case .written(let written):
      fields.take(written.load)
      fields.version = written.version
      fields.expires = written.expires
      fields.volumes = written.volumes
      fields.bundleBytes = written.bundleBytes
      fields.wasThere = written.wasThere
      fields.deliveries = written.deliveries
      fields.medium = written.medium
      fields.readBack = written.isReadBack
    case .planned(let planned):
      fields.take(planned.load)
      fields.bundleBytes = planned.worstCaseBytes
      fields.dryRun = true
    case .nothingToCarry(let nothing):
      fields.base = nothing.subject.snapshot
      fields.siteHasIt = true
      fields.deliveries = nothing.deliveries
      fields.medium = nothing.medium
    }
    try fields.encode(to: encoder)
  }
}
