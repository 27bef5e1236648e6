import FileSystem
import Foundation
import JobCore
import MirrorConfiguration
import SystemPackage
import TestSupport
import Testing

@testable import Adopting

/// The Update Utility's configuration, and ours that is made of it.
@Suite struct UpdateUtilityTests {
  private static let whole = """
    [ConnectionSettings]
    TimeoutConnection=45
    UsePassiveFtpMode=true
    UseProxyServer=true
    AutomaticallyDetectProxyServerSettings=false
    UseSpecifiedProxyServerSettings=true
    AddressProxyServer=proxy.example
    PortProxyServer=3128
    UseAuthenticationProxyServer=true
    UserNameProxyServer=PLANT\\\\mirror
    PasswordProxyServer=secret
    ByPassProxyServer=false
    DownloadPatches=true

    [ReportSettings]
    ReportFileName=report.txt
    SaveReportsToFile=true

    [DirectoriesSettings]
    MoveToCustomFolder=true
    UpdatesFolder=D:\\\\Обновления

    [UpdatesSourceSettings]
    SourceCustomPath=
    SourceCustom=false
    SourceKlabServer=true

    [ComponentSettings]
    DownloadAllDatabases=false
    DownloadSelectedComponents=true
    KasperskyEndpointSecurityForLinux_12_0=true
    KasperskySecurityCenter_15=true
    KasperskyAntiVirus_12_0=false
    NewKey=maybe

    [SdkSettings]
    PrimaryIndexFileName=u0607g.xml
    PrimaryIndexRelativeUrlPath=index
    """

  private func mapping(_ text: String) -> UpdateUtilityMapping {
    UpdateUtilityMapping(UpdateUtilityFile(Array(text.utf8)), store: "/srv/store")
  }

  /// Our configuration, as the program reads it.
  private func read(_ mapping: UpdateUtilityMapping) throws -> (Source, UpdateTreeSource) {
    let folder = TemporaryFolder()
    try mapping.text.write(toFile: folder["c.toml"].string, atomically: true, encoding: .utf8)
    let configuration = try Configuration(reading: folder["c.toml"])
    #expect(configuration.store == "/srv/store")
    let source = try #require(configuration.sources.first)
    guard case .kaspersky(let tree) = source.kind else { throw CancellationError() }
    return (source, tree)
  }

  @Test func `what there is in both is taken over, and the rest is listed without secrets`() throws {
    let mapping = mapping(Self.whole)
    let (source, tree) = try read(mapping)
    #expect(tree.products == ["KasperskyEndpointSecurityForLinux_12_0", "KasperskySecurityCenter_15"])
    #expect(tree.patches && !tree.diffs && tree.indexes.isEmpty)
    #expect(source.transport.proxy == "http://proxy.example:3128" && source.transport.proxyUser == "PLANT\\mirror")
    #expect(source.transport.connectTimeout == 45)
    let left = Set(mapping.leftovers.map(\.setting))
    #expect(
      left == [
        "PasswordProxyServer=…", "UpdatesFolder=D:\\Обновления", "[ReportSettings]", "NewKey=maybe",
        "PrimaryIndexFileName=u0607g.xml",
      ]
    )
    #expect(!mapping.text.contains("secret") && !mapping.leftovers.contains { $0.reason.contains("secret") })
  }

  /// A setting, and what is made of it: a line of our configuration, or a leftover.
  @Test(arguments: [
    (
      "[UpdatesSourceSettings]\nSourceCustom=true\nSourceCustomPath=https://mirror.example/kl",
      "servers = [\"https://mirror.example/kl\"]"
    ),
    ("[UpdatesSourceSettings]\nSourceCustom=true\nSourceCustomPath=http://mirror.example", "allow_http = true"),
    ("[UpdatesSourceSettings]\nSourceCustom=true\nSourceCustomPath=/mnt/kl", "servers = [\"/mnt/kl\"]"),
    (
      "[UpdatesSourceSettings]\nSourceCustom=true\nSourceCustomPath=\\\\\\\\ksc\\\\KLSHARE",
      "SourceCustomPath=\\\\ksc\\KLSHARE"
    ),
    ("[UpdatesSourceSettings]\nSourceCustom=false\nSourceCustomPath=https://other.example", "ComponentSettings"),
    (
      "[ComponentSettings]\nDownloadAllDatabases=true\n[SdkSettings]\nPrimaryIndexFileName=u1901g.xml",
      "indexes = [\"index/u1901g.xml\"]"
    ),
    (
      "[ComponentSettings]\nDownloadAllDatabases=true\n[SdkSettings]\nPrimaryIndexFileName=../x",
      "PrimaryIndexFileName=../x"
    ),
    (
      "[ConnectionSettings]\nUseProxyServer=true\nAutomaticallyDetectProxyServerSettings=true",
      "AutomaticallyDetectProxyServerSettings=true"
    ),
    ("[ConnectionSettings]\nUseProxyServer=false\nAddressProxyServer=p.example", "ComponentSettings"),
    ("[DownloadingSettings]\nRetranslateDiffs=true\n[SdkSettings]\nA=b", "diffs = true"),
    ("[ConnectionSettings]\nNewThing=7", "NewThing=7"),
  ])
  func `each setting ends in our configuration or in the list`(_ text: String, _ expected: String) throws {
    let mapping = mapping(text)
    let lines = mapping.text.split(separator: "\n").map(String.init) + mapping.leftovers.map(\.setting)
    #expect(lines.contains(expected), "\(lines)")
    #expect(!mapping.text.contains("other.example") && !mapping.text.contains("p.example"))
    if !text.contains("/mnt") { _ = try read(mapping) }
  }

  @Test func `a text in any of the four encodings is the same text`() throws {
    let text = "[ComponentSettings]\nИмя=Ёж № «ї» €\n"
    let units = Array(text.utf16)
    let encoded: [[UInt8]] = [
      Array(text.utf8), [0xEF, 0xBB, 0xBF] + text.utf8,
      [0xFF, 0xFE] + units.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] },
      [0xFE, 0xFF] + units.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] },
      Array(try #require(text.data(using: .windowsCP1251))),
    ]
    for bytes in encoded { #expect(UpdateUtilityFile.text(bytes) == text) }
    // No byte is beyond the code page's table.
    #expect(UpdateUtilityFile.text(Array(0x80...0xFF)).unicodeScalars.count == 128)
  }

  @Test func `Qt's escapes are undone, and Windows paths stay`() {
    let file = UpdateUtilityFile(
      Array("[a]\nq=\"x \\\" y\"\nu=\\x41f\\x43b\nw=d:\\\\temp\nv=d:\\new\nw=d:\\\\last\n; no=1\nbroken\n".utf8)
    )
    #expect(file["a", "q"] == "x \" y" && file["a", "u"] == "Пл" && file["a", "v"] == "d:\\new")
    #expect(file["a", "w"] == "d:\\last" && file.settings.count == 4)
  }

  @Test func `a file that is something else is refused, and no file is written over`() throws {
    let folder = TemporaryFolder()
    try "[Other]\na=b\n".write(toFile: folder["other.ini"].string, atomically: true, encoding: .utf8)
    let error = #expect(throws: JobError.self) { try FromUpdateUtilityJob(folder["other.ini"]).run() }
    #expect(error?.status == .configuration)
    try Self.whole.write(toFile: folder["updater.ini"].string, atomically: true, encoding: .utf8)
    let made = try FromUpdateUtilityJob(folder["updater.ini"], to: folder["new.toml"]).run()
    #expect(try Configuration(reading: folder["new.toml"]).sources.count == 1)
    #expect(made.configuration.contains("# UpdatesFolder=D:\\Обновления: "))
    let again = #expect(throws: JobError.self) {
      try FromUpdateUtilityJob(folder["updater.ini"], to: folder["new.toml"]).run()
    }
    #expect(again?.status == .cannotCreate)
    #expect(throws: JobError.self) { try FromUpdateUtilityJob(folder["missing.ini"]).run() }
  }
}
