import AdministrationServerDouble
import Foundation
import TestSupport
import Testing

/// Where the vendor's own client is, if it is at hand.
private enum VendorClient {
  static let environment = ProcessInfo.processInfo.environment

  static let folder = environment["KSCMIRROR_KLAKOAPI"].flatMap { folder in
    FileManager.default.fileExists(atPath: folder + "/KlAkOAPI/AdmServer.py") ? folder : nil
  }

  static let hasSample =
    folder.map { FileManager.default.fileExists(atPath: $0 + "/samples/sample_licenses.py") } ?? false

  static let python = [environment["KSCMIRROR_PYTHON"], "python3"].compactMap { $0 }.first { python in
    (try? Command.run(python, ["-c", "import requests"])) != nil
  }
}

/// The vendor's own client against the double: what plays the server has to satisfy it.
///
/// The environment variable `KSCMIRROR_KLAKOAPI` names the folder that the package KlAkOAPI lies in, as the vendor
/// unpacks it; `KSCMIRROR_PYTHON` a Python with `requests`, if `python3` has none.
@Suite(.enabled(if: VendorClient.folder != nil, "KSCMIRROR_KLAKOAPI names no folder with the vendor's KlAkOAPI in it"))
struct KlAkOAPITests {
  /// Runs a script of ours that drives the vendor's client.
  private func run(_ mode: String, _ world: World, environment more: [String: String] = [:]) throws -> String {
    let python = try #require(VendorClient.python, "no Python with requests")
    let path = try #require(Command.path(of: python))
    let folder = try #require(VendorClient.folder)
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Interoperability/klakoapi.py").path
    var environment = VendorClient.environment.merging(more) { $1 }
    // They would count more than the certificate that the script names.
    for name in ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"] { environment[name] = nil }
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    let (output, errors) = (world.folder["output"], world.folder["errors"])
    let child = try ChildProcess(
      path,
      [script, mode, folder, world.double.url, world.authority.certificate.string],
      output: output,
      errors: errors,
      environment: environment
    )
    let ending = child.wait()
    let said = try String(contentsOfFile: errors.string, encoding: .utf8)
    guard ending == .exit(0) else { throw TestFailure("\(mode) ended with \(ending): \(said)") }
    return try String(contentsOfFile: output.string, encoding: .utf8)
  }

  @Test func `it signs its connection in, lists keys and reads their bodies`() throws {
    let world = try World(Fixture(keys: 6))
    let told = try run("licences", world).split(separator: "\n").map(String.init)
    let keys = world.double.fixture.keys
    #expect(told.count == 7)
    for (line, key) in zip(told, keys) {
      #expect(line.hasPrefix("\(key.serial) \(key.productName) \(key.limit.prefix(10))"), "\(line)")
      let bytes = key.body.flatMap { Data(base64Encoded: $0) }?.count ?? 0
      #expect(line.hasSuffix(" \(bytes)"), "\(line)")
    }
    #expect(told.last == "error 1186 the key none was not found")
    #expect(world.double.openLists == 0)
    #expect(world.double.methods.first == "login")
  }

  @Test func `it adds a key, sends a file in parts, and hands statistics over`() throws {
    let world = try World()
    let told = try run("changes", world)
    #expect(told.contains("installed 1NST-"), "\(told)")
    #expect(told.contains("package 1"), "\(told)")
    #expect(world.double.packages.map(\.name) == ["Sent by KlAkOAPI"])
    #expect(world.double.fixture.keys.count == 1)
    #expect(world.double.statistics.map(\.name) == ["from-klakoapi"])
    #expect(world.double.calls.filter { $0.method == "PUT" }.count == 3)
  }

  @Test func `it has a package given out once its agreements are accepted`() throws {
    var fixture = Fixture()
    fixture.mobileProfiles = ["phones"]
    let world = try World(fixture)
    let folder = TemporaryFolder()
    let files = ["kesl.kpd": "[Setup]\n", "license-en.txt": "Be good.", "plugin.zip": "plug"]
    for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: folder[name].string)) }
    let archive = world.folder["kesl.tar"].string
    _ = try Command.run("tar", ["--format=ustar", "-cf", archive, "-C", folder.path.string] + files.keys.sorted())
    let told = try run("packages", world, environment: ["PACKAGE": archive]).split(separator: "\n").map(String.init)
    #expect(
      told == [
        "archive True True", "refused 1193", "agreement True False Be good.", "accepted True", "plugin plugin.zip 4",
        "profile http://ksc.invalid:8060/mobile?profile=phones",
      ]
    )
    #expect(world.double.fixture.publishedProfiles == ["phones"])
  }

  @Test(.enabled(if: VendorClient.hasSample, "the vendor's samples are not beside its KlAkOAPI"))
  func `the vendor's licence sample runs unchanged`() throws {
    // The sample stops at subscriptions, by a mistake of its own.
    var fixture = Fixture(keys: 5)
    fixture.virtualServers = ["Plant 7"]
    let world = try World(fixture)
    let told = try run("sample", world)
    for key in world.double.fixture.keys { #expect(told.contains("KLLIC_SERIAL:  \(key.serial)")) }
    #expect(told.contains("Enumerating licenses of VServer \"Plant 7\""))
    #expect(!told.contains("FAILURE"))
    #expect(world.double.openLists == 0)
  }
}
