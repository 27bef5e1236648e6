import BundleFormat
import Testing

@Suite struct BundleNamesTests {
  @Test(arguments: [
    (BundleNames(snapshot: 42), "kscmirror-000042"),
    (BundleNames(snapshot: 42, base: 7), "kscmirror-000042-from-000007"),
    (BundleNames(snapshot: 1_234_567, site: "plant-7"), "kscmirror-1234567-for-plant-7"),
    (BundleNames(snapshot: 42, base: 7, site: "a.b_c"), "kscmirror-000042-from-000007-for-a.b_c"),
    (BundleNames(snapshot: 42, site: "from-000007"), "kscmirror-000042-for-from-000007"),
    (BundleNames(snapshot: 42, site: "x-for-y"), "kscmirror-000042-for-x-for-y"),
  ])
  func `a folder's name is read as it was written`(_ names: BundleNames, _ text: String) {
    #expect(names.folder == text)
    #expect(BundleNames(folder: text) == names)
    #expect(BundleNames.isLeftover(names.partial) && BundleNames.isLeftover(names.removed))
    #expect(BundleNames(folder: names.partial) == nil)
  }

  @Test func `volumes are named without the site`() {
    let names = BundleNames(snapshot: 42, base: 7, site: "plant")
    #expect(names.volume(0) == "kscmirror-000042-from-000007.001.tar.zst")
    #expect(names.parity(1) == "kscmirror-000042-from-000007.p01.parity")
  }

  @Test(arguments: ["a.part", "a.OLD", "part.old"])
  func `the folder of a site with the name of something unfinished looks like no unfinished one`(_ site: String) {
    let name = BundleNames(snapshot: 1, site: site).folder
    #expect(!BundleNames.isLeftover(name) && BundleNames(folder: name) != nil)
  }

  @Test(arguments: [
    "kscmirror-42", "kscmirror-000000", "kscmirror-000042-for-", "kscmirror-000042-for-..", "kscmirror-000042-for-a/b",
    "kscmirror-000042 (1)", "kscmirror-000042-from-000001-from-000002", "kscmirror--for-plant", "KSCMIRROR-000042",
    "kscmirror-000042-for-a.part", "kscmirror-000042-from-for-plant",
  ])
  func `other names are none of a bundle`(_ name: String) { #expect(BundleNames(folder: name) == nil) }
}
