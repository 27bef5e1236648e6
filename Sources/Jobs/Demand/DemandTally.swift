import AdministrationServer
import MirrorTypes
import SiteDocuments
import Sites
import StrictJSON
import Trust

/// Counts applications as devices are read, within bounds however many a server tells.
struct DemandTally {
  private var counts: [[String]: ReportedDemand.Application] = [:]
  private(set) var leftOut = 0
  /// Of how many devices something was read.
  private(set) var devicesRead = 0

  /// Beyond this many kinds of application, which no site has, no further ones are counted.
  private static let maximumKinds = 20_000

  /// Counts what one device has, each version once.
  mutating func note(_ products: [InstalledProduct]) {
    devicesRead += 1
    var seen = Set<[String]>()
    for product in products {
      let application = ReportedDemand.Application(
        name: product.product,
        version: product.version,
        build: product.build.flatMap { $0.isEmpty ? nil : $0 },
        displayName: product.displayName.flatMap { $0.isEmpty ? nil : $0 },
        devices: 1
      )
      if seen.insert(application.identity).inserted { note(application) }
    }
  }

  /// Counts an application on as many devices as it says.
  mutating func note(_ application: ReportedDemand.Application) {
    guard let application = application.leaving else {
      leftOut += 1
      return
    }
    if var known = counts[application.identity] {
      known.devices += application.devices
      known.displayName = known.displayName ?? application.displayName
      counts[application.identity] = known
    } else if counts.count < Self.maximumKinds {
      counts[application.identity] = application
    } else {
      leftOut += 1
    }
  }

  /// Whether a build of an application was counted.
  func has(_ name: String, build: String) -> Bool { counts.keys.contains { $0[0] == name && $0[2] == build } }

  /// What is reported: of too many applications those that most devices have.
  func demand(asked: UTCTime, devices: Int, components: [UpdateComponent]) -> ReportedDemand {
    demand(asked: asked, devices: devices, componentIDs: components.map(\.id))
  }

  func demand(asked: UTCTime, devices: Int, componentIDs: [String]) -> ReportedDemand {
    let byUse = counts.values.sorted {
      $0.devices != $1.devices ? $0.devices > $1.devices : $0.identity.lexicographicallyPrecedes($1.identity)
    }
    let names = Set(componentIDs.filter { TextForm.component.admits($0) }).sorted()
    var (most, mostNames) = (ReportedDemand.maximumApplications, ReportedDemand.maximumComponents)
    while true {
      let told = byUse.prefix(most)
      let toldNames = names.prefix(mostNames)
      let demand = ReportedDemand(
        asked: asked,
        devices: devices,
        devicesRead: min(devicesRead, devices),
        applications: told.sorted { $0.identity.lexicographicallyPrecedes($1.identity) },
        components: Array(toldNames),
        leftOut: leftOut + byUse.count - told.count + Set(componentIDs).count - toldNames.count
      )
      // Names of ordinary length always fit.
      if JSONValue.object(demand.object).serialized.count <= ReportedDemand.maximumSize { return demand }
      (most, mostNames) = (most / 2, mostNames / 2)
    }
  }
}

extension ReportedDemand.Application {
  /// What of it may leave the site: a receipt has no list of contents that somebody reads. `nil` for a name or version
  /// that is of no form that the vendor's have.
  fileprivate var leaving: Self? {
    guard TextForm.shortName.admits(name) || TextForm.knownWords.admits(name), TextForm.version.admits(version) else {
      return nil
    }
    var leaving = self
    if let build, !TextForm.version.admits(build) { return nil }
    if let shown = displayName {
      leaving.displayName =
        TextForm.knownWords.admits(shown) && ReportedDemand.isName(shown, atMost: ReportedDemand.maximumDisplayName)
        ? shown : nil
    }
    return ReportedDemand.isName(name) && ReportedDemand.isName(version) ? leaving : nil
  }
}
