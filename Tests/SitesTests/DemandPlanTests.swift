import JobDoubles
import MirrorConfiguration
import Testing
import Trust
import UpdateIndex

@testable import Demand
@testable import JobCore
@testable import Mirroring
@testable import Sites

/// What sites report, and what a source carries for them.
@Suite struct DemandPlanTests {
  private static let text = """
    <main>
    <element><name>KasperskyEndpointSecurityForWinWKS_11_13</name><version>12.1.0.506</version>
    <tree>index/u1313g.xml</tree><component>KDB;KES11</component><App>KES 21.13.5.506</App></element>
    <element><name>KasperskyEndpointSecurityForLinux_12_1_0</name><version>12.1.0.1274</version>
    <tree>index/u0607g.xml</tree><component>KDB;KSLS12</component><App>KSLS 12.1.0.1274</App></element>
    </main>
    """
  private let catalogue: ProductCatalogue
  private let key = SigningKey()

  init() throws { catalogue = try ProductCatalogue(parsing: Array(Self.text.utf8)) }

  private func site(_ name: String, _ demand: ReportedDemand?) throws -> KnownSite {
    var receipt = ReceiptTests.receipt()
    receipt.site = name
    receipt.demand = demand
    let signed = try SignedReceipt(receipt, key: key)
    return KnownSite(
      name: name,
      fingerprint: signed.fingerprint,
      since: 1,
      highest: 7,
      receipts: [.init(signed: signed, received: 1)],
      packed: nil
    )
  }

  private func tree(_ more: String = "") throws -> UpdateTreeSource {
    let text = "[[source]]\nname = \"k\"\nkind = \"kaspersky\"\nproducts = \"as reported\"\n\(more)"
    guard case .kaspersky(let tree) = try Configuration(parsing: text, from: "/c.toml").sources[0].kind else {
      throw JobError(.software, "not kaspersky")
    }
    return tree
  }

  private func plan(_ sites: [KnownSite]) throws -> DemandPlan { try plan("", sites) }

  private func plan(_ more: String, _ sites: [KnownSite]) throws -> DemandPlan {
    let tree = try tree(more)
    return try DemandPlan(of: "k", tree, tree.reported ?? ReportedProducts(), sites: sites, catalogue: catalogue)
  }

  private let windows = ReportedDemandTests.application("KES")
  private let linux = ReportedDemandTests.application("KSLS", build: "12.1.0.1274")

  private func demand(_ applications: [ReportedDemand.Application], components: [String] = []) -> ReportedDemand {
    ReportedDemandTests.demand(applications, components: components)
  }

  @Test func `all that sites want is taken together, and for each what it wants alone`() throws {
    let plan = try plan([try site("a", demand([windows], components: ["EXTRA"])), try site("b", demand([linux]))])
    #expect(plan.applications == ["KES 21.13.5.506", "KSLS 12.1.0.1274"])
    #expect(plan.components == ["EXTRA", "KDB", "KES11", "KSLS12"])
    #expect(plan.primaries.map(\.string) == ["index/u1901g.xml", "index/u1313g.xml", "index/u0607g.xml"])
    #expect(plan.sites.map(\.components) == [["EXTRA", "KDB", "KES11"], ["KDB", "KSLS12"]])
    #expect(plan.silent.isEmpty && plan.fallback.isEmpty)
    let same = try self.plan([try site("a", demand([windows])), try site("b", demand([linux]))]).notes
    #expect(same.changes(since: plan.notes) == nil)
    let less = try self.plan([try site("a", demand([windows]))]).notes
    #expect(less.changes(since: plan.notes) == "- KSLS 12.1.0.1274 (b)")
  }

  @Test func `what the configuration names is taken too`() throws {
    let plan = try plan("applications = [\"KICS 4\"]\ncomponents = [\"ICSCVE\"]", [try site("a", demand([windows]))])
    #expect(plan.applications == ["KES 21.13.5.506", "KICS 4"])
    #expect(plan.components == ["ICSCVE", "KDB", "KES11"])
  }

  @Test func `an application that nobody knows leaves no component out, unless the configuration knows it`() throws {
    let odd = ReportedDemandTests.application("ODD")
    let unknown = try plan([try site("a", demand([windows, odd])), try site("b", demand([linux]))])
    #expect(unknown.components.isEmpty && unknown.applications.contains("ODD"))
    #expect(unknown.sites.last?.components == ["KDB", "KSLS12"], "the other site is none the worse")
    let told = Told()
    unknown.tell(told, source: "k", now: HandClock().now)
    #expect(told.warnings.filter { $0 == "unknown-application" }.count == 1)
    let nothing = try plan("reported_as = { Odd = \"\" }", [try site("a", demand([windows, odd]))])
    #expect(nothing.components == ["KDB", "KES11"] && nothing.applications == ["KES 21.13.5.506"])
    let called = try plan("reported_as = { odd = \"KSLS 12.1\" }", [try site("a", demand([odd]))])
    #expect(called.applications == ["KSLS 12.1"] && called.components == ["KDB", "KSLS12"])
  }

  @Test func `sites that are silent are reported, and the fallback is for them`() throws {
    let sites = [try site("a", demand([windows])), try site("b", nil), try site("c", demand([]))]
    let without = try plan(sites)
    #expect(without.silent == ["b", "c"] && without.applications == ["KES 21.13.5.506"])
    let fallback = "fallback_products = [\"KasperskyEndpointSecurityForLinux_12\"]"
    let with = try plan(fallback, sites)
    #expect(with.applications == ["KES 21.13.5.506", "KSLS 12.1.0.1274"])
    #expect(with.components == ["KDB", "KES11", "KSLS12"])
    #expect(try plan(fallback, []).applications == ["KSLS 12.1.0.1274"])
    let unknown = #expect(throws: (any Error).self) { try plan("fallback_products = [\"None_1\"]", []) }
    #expect(unknown.map { JobError($0).status } == .configuration)
    let error = #expect(throws: JobError.self) { try plan([try site("b", nil)]) }
    #expect(error?.status == .nothingReported)
  }

  @Test func `a receipt that does not tell takes nothing back`() throws {
    let site = try site("a", demand([windows]))
    let later = try self.site("a", nil)
    let both = KnownSite(
      name: "a",
      fingerprint: site.fingerprint,
      since: 1,
      highest: 8,
      receipts: site.receipts + later.receipts,
      packed: nil
    )
    #expect(try plan([both]).applications == ["KES 21.13.5.506"])
  }

  @Test func `a site with hundreds of unknown applications is reported in a few lines`() throws {
    let many = (0..<300).map { ReportedDemandTests.application("ODD\($0)X") }
    let told = Told()
    try plan([try site("a", demand(many))]).tell(told, source: "k", now: HandClock().now)
    #expect(told.warnings.filter { $0 == "unknown-application" }.count == 6)
  }

  @Test func `no site can narrow what is taken for another by a name that takes things away`() throws {
    let hostile = ["!KES", "KES|KSLS", "KES;!KSLS 12", "*"].map {
      ReportedDemandTests.application($0, build: nil)
    }
    let plan = try plan([try site("a", demand(hostile)), try site("b", demand([linux]))])
    let selection = try Selection(applications: plan.applications)
    #expect(plan.applications.allSatisfy { !$0.hasPrefix("!") }, "\(plan.applications)")
    #expect(selection.applications.contains("KSLS 12.1.0.1274"))
  }

  @Test func `the plan's name tells nobody what sites have`() throws {
    let plan = try TreePlan(try tree(), demand: plan([try site("a", demand([windows]))]))
    let other = try TreePlan(try tree(), demand: self.plan([try site("a", demand([linux]))]))
    #expect(!plan.fingerprint.contains("KES") && plan.fingerprint != other.fingerprint)
  }
}
