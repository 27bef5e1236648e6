import JobCore
import MirrorTypes
import SiteDocuments
import StrictJSON
import Trust
import UpdateIndex

/// What a site's Administration Server really manages: the field `demand` of a receipt.
///
/// It names applications and no devices: of those there is a count only.
package struct ReportedDemand: Sendable, Hashable, Encodable {
  /// A version of an application that devices of the site have.
  package struct Application: Sendable, Hashable, Encodable {
    /// Its short name on the server: `KES`, `1103`.
    package var name: String
    /// Its version there: `12.1.0.0`.
    package var version: String
    /// Its version in full: `12.1.0.506`; `nil` where the server does not know.
    package var build: String?
    /// The name that people see.
    package var displayName: String?
    /// How many devices have it.
    package var devices: Int

    package init(name: String, version: String, build: String? = nil, displayName: String? = nil, devices: Int) {
      self.name = name
      self.version = version
      self.build = build
      self.displayName = displayName
      self.devices = devices
    }

    /// As the vendor's catalogue looks for it.
    package var installed: InstalledApplication {
      InstalledApplication(name: name, version: version, build: build, displayName: displayName)
    }

    /// As people read it: `KES 12.1.0.506`.
    package var text: String { "\(name) \(build ?? version)" }
  }

  /// When the server was asked, by the site's clock.
  package var asked: UTCTime
  /// How many devices the server manages.
  package var devices: Int
  /// Of how many of them it reported what is installed; fewer where it has more than were asked for.
  package var devicesRead: Int
  /// The applications, by name, version and build.
  package var applications: [Application]
  /// What the server calls the components that it fetches updates of, sorted.
  package var components: [String]
  /// How many applications and components there were beyond the bounds, or with names that are none.
  package var leftOut: Int

  package init(
    asked: UTCTime,
    devices: Int,
    devicesRead: Int,
    applications: [Application],
    components: [String],
    leftOut: Int
  ) {
    self.asked = asked
    self.devices = devices
    self.devicesRead = devicesRead
    self.applications = applications
    self.components = components
    self.leftOut = leftOut
  }

  /// The most applications that are reported.
  package static let maximumApplications = 500
  /// The most components that are reported.
  package static let maximumComponents = 1000
  /// The most bytes of a name or version, and of the name that people see.
  static let maximumName = 64
  package static let maximumDisplayName = 160
  /// The most bytes of what a site tells, so that it never makes a receipt too long.
  package static let maximumSize = 128 << 10

  /// Whether a text may stand as a name or version.
  package static func isName(_ text: String, atMost limit: Int = maximumName) -> Bool {
    (1...limit).contains(text.utf8.count) && !text.unicodeScalars.contains(where: SafeText.isUnsafe)
  }
}

// MARK: - As JSON

extension ReportedDemand {
  /// The field's value.
  package var object: JSONObject {
    [
      "asked": .string(asked.text), "devices": .integer(Int64(devices)),
      "devices-read": .integer(Int64(devicesRead)), "applications": .array(applications.map { .object($0.object) }),
      "components": .array(components.map { .string($0) }), "left-out": .integer(Int64(leftOut)),
    ]
  }

  /// Reads the field's value.
  ///
  /// - Throws: an error with ``ExitStatus/badReceipt``.
  package init(_ fields: ReceiptFields) throws {
    asked = try fields.time("asked")
    devices = Int(try fields.integer("devices", 0...Int64(Int32.max)))
    devicesRead = Int(try fields.integer("devices-read", 0...Int64(devices)))
    leftOut = Int(try fields.integer("left-out", 0...Int64(Int32.max)))
    applications = []
    for inner in try fields.objects("applications", atMost: Self.maximumApplications) {
      applications.append(try Application(inner))
    }
    guard Set(applications.map(\.identity)).count == applications.count else { throw fields.malformed("applications") }
    guard let names = fields.object["components"]?.array, names.count <= Self.maximumComponents else {
      throw fields.malformed("components")
    }
    components = names.compactMap(\.string)
    guard components.count == names.count, components.allSatisfy({ Self.isName($0) }) else {
      throw fields.malformed("components")
    }
  }
}

extension ReportedDemand.Application {
  /// What tells it from others.
  package var identity: [String] { [name, version, build ?? ""] }

  fileprivate var object: JSONObject {
    var object: JSONObject = [
      "name": .string(name), "version": .string(version), "devices": .integer(Int64(devices)),
    ]
    if let build { object["build"] = .string(build) }
    if let displayName { object["display-name"] = .string(displayName) }
    return object
  }

  fileprivate init(_ fields: ReceiptFields) throws {
    func text(_ field: String, atMost limit: Int = ReportedDemand.maximumName) throws -> String {
      let text = try fields.text(field, atMost: limit)
      guard ReportedDemand.isName(text, atMost: limit) else { throw fields.malformed(field) }
      return text
    }
    name = try text("name")
    version = try text("version")
    build = fields.object["build"] == nil ? nil : try text("build")
    displayName =
      fields.object["display-name"] == nil ? nil : try text("display-name", atMost: ReportedDemand.maximumDisplayName)
    devices = Int(try fields.integer("devices", 0...Int64(Int32.max)))
  }
}
