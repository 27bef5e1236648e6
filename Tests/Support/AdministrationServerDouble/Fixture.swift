import Foundation

/// What an Administration Server's double has and knows. It can be read from a JSON file; what is not there has the
/// value that it has here.
package struct Fixture: Codable, Sendable {
  /// Someone who may sign in.
  package struct User: Codable, Sendable {
    /// The name.
    package var name: String
    /// The password.
    package var password: String
    /// Whether the bodies of keys may be read.
    package var mayExportKeys: Bool = true
    /// The one-time code that the account needs besides; each is good once.
    package var code: String?
    /// Whether the account has to register for two-step verification first.
    package var mustRegister: Bool?

    /// A user.
    package init(
      name: String,
      password: String,
      mayExportKeys: Bool = true,
      code: String? = nil,
      mustRegister: Bool? = nil
    ) {
      self.name = name
      self.password = password
      self.mayExportKeys = mayExportKeys
      self.code = code
      self.mustRegister = mustRegister
    }
  }

  /// An installation package that installs itself.
  package struct Standalone: Codable, Sendable {
    /// Its number.
    package var id: Int
    /// The number of the package that it was made from.
    package var packageID: Int
    /// Its name.
    package var name: String
    /// Whether the Web server gives it out.
    package var isPublished: Bool = false

    /// A package.
    package init(id: Int, packageID: Int, name: String) {
      self.id = id
      self.packageID = packageID
      self.name = name
    }
  }

  /// An agreement of packages.
  package struct Agreement: Codable, Sendable {
    /// Its number.
    package var id: Int
    /// What packages name it by, in base64.
    package var uid: String
    /// 0 a licence agreement, 1 a statement of KSN, 2 one on the processing of data.
    package var type: Int
    /// Its language.
    package var language: String
    /// Its text.
    package var text: String
    /// Whether it is accepted.
    package var isAccepted: Bool = false

    /// An agreement.
    package init(id: Int, uid: String, type: Int, language: String, text: String) {
      (self.id, self.uid, self.type, self.language, self.text) = (id, uid, type, language, text)
    }
  }

  /// A task that fetches updates.
  package struct UpdateTask: Codable, Sendable {
    /// Its number, its name, and the folder that it fetches from.
    package var id, name, source: String
    /// The components that it fetches; none: all.
    package var components: [String]
    /// The number of the product that it is of: 1093 is the server, 1103 an agent.
    package var product = "1093"

    /// A task.
    package init(id: String, name: String, source: String, components: [String]) {
      (self.id, self.name, self.source, self.components) = (id, name, source, components)
    }
  }

  /// A file of the update repository.
  package struct UpdateFile: Codable, Sendable {
    /// The index, the component, the file's name and its date.
    package var index, component, name, date: String
    /// Its size.
    package var size: Int

    /// A file.
    package init(index: String, component: String, name: String, date: String, size: Int) {
      (self.index, self.component, self.name, self.date, self.size) = (index, component, name, date, size)
    }
  }

  /// Who may sign in.
  package var users = [User(name: "admin", password: "secret")]
  /// Tokens that `KSCT` takes, each once.
  package var tokens: [String] = []
  /// Tokens that `KSCWT` takes.
  package var webTokens: [String] = []
  /// The display names of virtual servers.
  package var virtualServers: [String] = []
  /// Licence keys.
  package var keys: [SyntheticKey] = []
  /// Attributes that every key has as texts, whatever they should be.
  package var keyTexts: [String: String] = [:]
  /// Attributes that every device which uses a key has as texts.
  package var deviceTexts: [String: String] = [:]
  /// Attributes that come with every key and every device which uses one, though nobody has asked for them.
  package var unaskedTexts: [String: String] = [:]
  /// How many devices there are. They are made up when they are asked for.
  package var devices = 3
  /// The vendor's products on every device: short name, version, display name, and the full version if it is told.
  package var products = [["KES", "12.1.0.0", "Kaspersky Endpoint Security"], ["1103", "15.1.0.0", "Network Agent"]]
  /// Products as above, a set for each kind of device; devices are of one kind after the other. Empty: all have
  /// ``products``.
  package var kinds: [[[String]]] = []
  /// KSN.
  package var ksn = SyntheticKSN()
  /// Stand-alone packages.
  package var standalone = [Standalone(id: 7, packageID: 1, name: "Agent")]
  /// Agreements of packages. Those of an archive that a package is made of come to them.
  package var agreements: [Agreement] = []
  /// Where management plug-ins are said to be, in place of the server's own address.
  package var pluginAddress = ""
  /// Mobile profiles.
  package var mobileProfiles: [String] = []
  /// Those whose packages are given out.
  package var publishedProfiles: [String] = []
  /// The update repository.
  package var updates: [UpdateFile] = []
  /// The folder of the update tree that the server fetches from; empty: it finds nothing.
  package var updateSource = ""
  /// The tasks that fetch updates.
  package var updateTasks: [UpdateTask] = []
  /// The components that it can fetch; none: those of the update repository, and of what its tasks fetch from.
  package var components: [String] = []
  /// How often an action is asked for before it is done.
  package var actionPolls = 2
  /// How long a client has to wait between two questions, in milliseconds.
  package var nextCheckDelay = 20
  /// Calls that this version of the server does not have.
  package var unknownCalls: [String] = []

  /// One user `admin` with the password `secret`, and nothing else.
  package init() {}

  /// Keys of all kinds.
  package init(keys: Int, devicesPerKey: Int = 5) {
    self.keys = (0..<keys).map { SyntheticKey(number: $0, devices: devicesPerKey) }
  }

  /// Reads a file, or takes what is missing in it from the default.
  package static func read(_ data: Data) throws -> Fixture {
    let encoder = JSONEncoder()
    guard var whole = try JSONSerialization.jsonObject(with: encoder.encode(Fixture())) as? [String: Any],
      let given = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    else { throw DoubleFailure("the fixture is no JSON object") }
    for (name, value) in given {
      guard whole[name] != nil else { throw DoubleFailure("the fixture has no member \(name)") }
      whole[name] = value
    }
    return try JSONDecoder().decode(Fixture.self, from: JSONSerialization.data(withJSONObject: whole))
  }
}

/// Ends the set-up of a double with a sentence.
package struct DoubleFailure: Error, CustomStringConvertible {
  /// The sentence.
  package let description: String

  init(_ description: String) { self.description = description }
}
