import MirrorTypes
import TestSupport
import Testing
import UpdateIndex

/// What an Administration Server calls an application, and what the vendor's catalogue makes of it.
@Suite struct InstalledApplicationTests {
  private static func element(_ name: String, _ version: String, _ components: String, _ application: String?) -> String
  {
    let called = application.map { "<App>\($0)</App>" } ?? ""
    return """
      <element><name>\(name)</name><version>\(version)</version><updates><tree>index/u1313g.xml</tree>\
      <component>\(components)</component>\(called)</updates></element>
      """
  }

  private static let text =
    "<main>"
    + element("KasperskyEndpointSecurityForWinWKS_11_13_256", "12.1.0.506 (AES-256)", "KDB;KES11", "KES 21.13.5.506")
    + element("KasperskyEndpointSecurityForWinFS_11_13", "12.1.0.506 (AES-56)", "KDB;KESFS", "KES 21.13.5.506")
    + element("KasperskyEndpointSecurityForWinWKS_11_4", "11.4.0.233 (AES-56)", "KES10", "KES 11.4.0.233 (AES-56)")
    + element("KasperskyEndpointSecurityForWinWKS_10_SP1_MR2", "10.2.6.3733", "KES10", "KES 10.2.4.674")
    + element("KasperskyEndpointSecurityForLinux_10_SP1", "10.1.[0.5960, 1.6421]", "KSLS10", "KSLS 10.1.0.5960")
    + element("KasperskyEndpointSecurityForLinux_12_1_0", "12.1.0.1274", "KSLS12", "KSLS 12.1.0.1274")
    + element("KasperskyEndpointSecurityForLinux_11_2", "11.2.0.4528", "KSLS11", nil)
    + element("KasperskyEndpointSecurityForLinuxARMEdition_10_1", "10.1.4.300", "ARM", nil)
    + element("KasperskyEndpointSecurityForMacOSX_12_1_0", "12.1.0.553", "KESMAC12", "KESMAC 12.1.0.553")
    + element("KasperskySecurityCenterLinux_15_1", "15.1.0.11795", "KSC", "KSC 15.1.0.11795")
    + element("KasperskySecurityforVirtualization_6_1", "6.1.0.[945, 992]", "KSV", "KSV 6.1.0.945")
    + element("KasperskyAntiVirusProxyServer_5_5", "5.5.[80 - 86]", "PROXY", "KAV4PROXY 5.*.*.*") + "</main>"

  private let catalogue: ProductCatalogue

  init() throws { catalogue = try ProductCatalogue(parsing: Array(Self.text.utf8)) }

  private func match(_ name: String, _ version: String, _ build: String? = nil, _ shown: String? = nil)
    -> ApplicationMatch
  {
    catalogue.match(InstalledApplication(name: name, version: version, build: build, displayName: shown))
  }

  @Test func `a build is found under the name and version that indexes have for it`() {
    let windows = match("KES", "12.1.0.0", "12.1.0.506")
    #expect(windows.certainty == .version && windows.applications == ["KES 21.13.5.506"])
    #expect(windows.components == ["KDB", "KES11", "KESFS"], "workstations and servers are one application")
    #expect(windows.primaries.map(\.string) == ["index/u1313g.xml"])
    #expect(match("KES", "10.2.4.0", "10.2.6.3733").applications == ["KES 10.2.4.674"])
    // What stands in parentheses is no part of a pattern.
    #expect(match("KES", "11.4.0.0", "11.4.0.233").applications == ["KES 11.4.0.233"])
  }

  @Test func `without a build, or with another one, the version's first three places decide`() {
    for build in [nil, "12.1.0.777"] {
      let near = match("KES", "12.1.0.0", build)
      #expect(near.certainty == .version && near.applications == ["KES 21.13.5"], "any build of it")
    }
    // By the version that indexes have, where that is what the server tells.
    #expect(match("KES", "10.2.4.0").applications == ["KES 10.2.4"])
    #expect(match("KSLS", "10.1.1.0").products == ["KasperskyEndpointSecurityForLinux_10_SP1"])
    #expect(match("KSV", "6.1.0.0", "6.1.0.992").certainty == .version)
    #expect(match("KAV4PROXY", "5.5.0.0", "5.5.83").certainty == .version)
  }

  @Test func `a version that the catalogue does not have takes what all versions need`() {
    let newer = match("KES", "13.0.0.0", "13.0.0.100")
    #expect(newer.certainty == .application && newer.applications == ["KES"])
    #expect(newer.components == ["KDB", "KES10", "KES11", "KESFS"])
    for version in ["", "12", "twelve", "12.1", "99999999999.1.1"] {
      #expect(match("KES", version).certainty == .application, "\(version)")
    }
  }

  @Test func `a name is found with a number at its end, by what people see, and by the server's numbers`() {
    #expect(match("KESMAC11", "12.1.0.0").applications == ["KESMAC 12.1.0"])
    #expect(match("kes", "12.1.0.0").certainty == .version, "case does not matter")
    let linux = match("kesl", "12.1.0.0", "12.1.0.1274", "Kaspersky Endpoint Security 12.1 for Linux")
    #expect(linux.applications == ["KSLS 12.1.0.1274"] && linux.components == ["KSLS12"])
    #expect(match("kesm", "12.1.0.0", nil, "Kaspersky Endpoint Security for Mac").applications == ["KESMAC 12.1.0"])
    for name in ["1093", "1103"] {
      #expect(match(name, "1.0.0.0", "15.1.0.11795").applications == ["KSC 15.1.0.11795"])
    }
    // The beginning of several lines is none of them.
    #expect(match("x", "12.1.0.0", nil, "Kaspersky Endpoint Security").certainty == .unknown)
    #expect(match("x", "12.1.0.0", nil, "Kaspersky").certainty == .unknown)
  }

  @Test func `where the catalogue does not say what indexes call a version, the line's name is taken for any version`()
  {
    let old = match("kesl", "11.2.0.0", "11.2.0.4528", "Kaspersky Endpoint Security 11.2 for Linux")
    #expect(old.certainty == .version && old.applications == ["KSLS"] && old.components == ["KSLS11"])
  }

  @Test func `an application that nobody knows is taken by its own name, as far as that is one`() {
    let odd = match("Odd;App|?*! 3", "1.0.0.0")
    #expect(odd.certainty == .unknown && odd.applications == ["ODDAPP3"] && odd.components.isEmpty)
    #expect(match("", "1.0").applications.isEmpty)
    #expect(match(" ;|", "1.0").applications.isEmpty)
  }
}

@Suite(.enabled(if: RealSamples.areThere, "\(RealSamples.absence)"))
struct RealInstalledApplicationTests {
  /// What is walked for one Windows and one Linux application, and the server, is a part of the whole: what indexes
  /// restrict to nothing that is not needed stays behind, and so does what they restrict to others.
  @Test func `what servers tell is found in the real catalogue, and selects a part of the real tree`() throws {
    let tree = try RealTree(2025)
    let catalogue = try ProductCatalogue(parsing: try #require(tree.bytes(of: ProductCatalogue.path.string)))
    let windows = catalogue.match(.init(name: "KES", version: "12.1.0.0", build: "12.1.0.506"))
    #expect(windows.certainty == .version && windows.applications == ["KES 21.13.5.506"])
    #expect(windows.products.count == 4, "\(windows.products)")
    let linux = catalogue.match(
      .init(
        name: "kesl",
        version: "12.3.0.0",
        build: "12.3.0.1162",
        displayName: "Kaspersky Endpoint Security 12.3 for Linux"
      )
    )
    #expect(linux.applications == ["KESLKSVLA 12.3.0.1162", "KSLS 12.3.0.1162"])
    let server = catalogue.match(.init(name: "1093", version: "1.0.0.0", build: "15.1.0.11795"))
    #expect(server.products == ["KasperskySecurityCenterLinux_15_1"])
    let old = catalogue.match(.init(name: "KES", version: "10.2.4.0", build: "10.2.4.674"))
    #expect(old.applications == ["KES 10.2.4.674"])
    // Every pattern of the real catalogue is one that a selection takes.
    for product in catalogue.products {
      let match = catalogue.match(
        .init(name: product.applications.first?.split(separator: " ").first.map(String.init) ?? "KES", version: "0.0.0")
      )
      #expect(throws: Never.self) { try Selection(applications: match.applications) }
    }
    let all = [windows, linux, server]
    let selection = try Selection(components: all.flatMap(\.components), applications: all.flatMap(\.applications))
    let primaries = ["index/u1901g.xml", "index/u1313g.xml"]
    let some = try tree.walk(from: primaries, selection)
    let everything = try tree.walk(from: primaries, try Selection())
    #expect(some.files.count == 13_807 && everything.files.count == 58_536)
    #expect(some.files.keys.contains { $0.hasPrefix("updates/kdb/i386/") })
    #expect(!some.files.keys.contains { $0.hasPrefix("updates/kcsjdb/") })
  }
}
