import DocumentFixtures
import MirrorTypes
import SiteDocuments
import Testing

@Suite struct PatchTests {
  private func file(_ name: String, _ byte: UInt8 = 1) -> RequirementListing.File {
    RequirementListing.File(name: name, digest: Fixture.digest(byte), size: Int(byte))
  }

  @Test func `lists of several sites become one folder, each file once`() throws {
    let listings = [
      RequirementListing(site: "b", files: [file("2", 2), file("1", 1)]),
      RequirementListing(site: "a", files: [file("1", 1), file("3", 3)]),
    ]
    let plan = try RequirementPlan(merging: listings)
    #expect(plan.entries.map(\.file.name) == ["1", "2", "3"])
    #expect(plan.entries.map(\.sites) == [["a", "b"], ["b"], ["a"]])
    #expect(plan.conflicts.isEmpty && plan.refused.isEmpty)
    #expect(try RequirementPlan(merging: listings.reversed()) == plan)
    #expect(try RequirementPlan(merging: []).entries.isEmpty)
  }

  @Test func `one name with different content is a conflict and not a guess`() throws {
    let plan = try RequirementPlan(merging: [
      RequirementListing(site: "a", files: [file("KB1", 1), file("same", 5)]),
      RequirementListing(site: "b", files: [file("kb1", 2), file("SAME", 5)]),
      RequirementListing(site: "c", files: [file("KB1", 1)]),
    ])
    #expect(plan.entries.map(\.file.name) == ["SAME"] && plan.entries[0].sites == ["a", "b"])
    #expect(plan.conflicts.count == 1 && plan.conflicts[0].versions.map(\.sites) == [["a", "c"], ["b"]])
    #expect(plan.conflicts[0].sentence.contains("KB1 is not the same at a, c (010101010101…) and b (020202020202…)"))
  }

  @Test func `names that lead elsewhere are refused`() throws {
    let names = ["../x", "a/b", "", "..", "a\u{0}b", "x\\y", "trailing."]
    let plan = try RequirementPlan(merging: [RequirementListing(site: "a", files: names.map { file($0) })])
    #expect(plan.entries.isEmpty && plan.refused.count == names.count)
  }

  @Test func `the settings of both servers are reported, with what is not confirmed`() {
    let isolated = PatchFolder.lines(.isolated, requirements: "/srv/lists", patches: "/srv/it's")
    #expect(
      isolated.contains(
        "    /opt/kaspersky/ksc64/sbin/klscflag -fset -pv klserver -n VAPM_DATA_IMPORT_PATH -t s -v '/srv/it'\\''s'"
      )
    )
    #expect(
      isolated.contains {
        $0.contains("writes its lists of required updates to /srv/lists: setting VAPM_REQ_EXPORT_PATH.")
      }
    )
    #expect(!isolated.contains { $0.contains("not confirmed") })
    let connected = PatchFolder.lines(.connected, requirements: "/in", patches: "/out")
    #expect(connected.count { $0.contains("not confirmed") } == 2)
    #expect(connected.contains { $0.contains("writes its patches to /out: setting VAPM_DATA_EXPORT_PATH") })
    #expect(
      connected.contains { $0.contains("takes lists of required updates from /in: setting VAPM_REQ_IMPORT_PATH") }
    )
  }
}
