import MirrorTypes
import Testing
import UpdateIndex

@Suite struct SelectionTests {
  /// The one entry of a file with these attributes.
  private func entry(_ attributes: String = "", name: String = "a.dat") throws -> IndexEntry {
    try #require(try SyntheticIndexes.parse(element: "<File Name=\"\(name)\" \(attributes)/>").entries.first)
  }

  @Test func `an entry without restrictions is always taken`() throws {
    let narrow = try Selection(
      components: ["KDB"],
      applications: ["KES 21"],
      operatingSystems: ["Linux"],
      architectures: ["x64"],
      languages: ["de"]
    )
    #expect(try narrow.admits(entry()))
    #expect(try narrow.admits(entry(#"CompID="" App="" OS="" Arch="" SysArch="" Lang="""#)))
  }

  @Test func `a selection without restrictions takes all but patches`() throws {
    let attributes = #"CompID="KDB" App="KES 21" OS="Win" Arch="x64" Lang="de""#
    #expect(try Selection().admits(entry(attributes)))
    #expect(try Selection.everything.admits(entry(attributes)))
  }

  @Test func `components compare without case`() throws {
    let selection = try Selection(components: ["kdb", "Emu"])
    #expect(try selection.admits(entry(#"CompID="KDB""#)))
    #expect(try selection.admits(entry(#"CompID="XYZ,emu""#)))
    #expect(try !selection.admits(entry(#"CompID="KDBIND""#)))
    #expect(try !selection.admits(entry(#"CompID="KD,AH""#)))
  }

  // MARK: - Applications

  @Test(arguments: [
    ("KES 21.[4-9,13-24]", "KES 21.4", true), ("KES 21.[4-9,13-24]", "KES 21.9.6.*", true),
    ("KES 21.[4-9,13-24]", "KES 21.24.1.2", true), ("KES 21.[4-9,13-24]", "KES 21.3.10.*", false),
    ("KES 21.[4-9,13-24]", "KES 21.10", false), ("KES 21.[4-9,13-24]", "KES 21.25", false),
    ("KES 21.[4-9,13-24]", "KES 21", true), ("KES 21.[4-9,13-24]", "KES 21.[10-12]", false),
    ("KES 21.[4-9,13-24]", "KES 21.[12-13]", true), ("KES 21.[4-9,13-24]", "KES", true),
    ("KES 21.[4-9,13-24]", "KES 20.5", false), ("KES 21.[4-9,13-24]", "KAV 21.5", false),
    ("KAV|KIS 14", "KIS 14.0.0.4651", true), ("KAV|KIS 14", "KAV 14.0.0.4651; KIS 14.0.0.4651", true),
    ("KAV|KIS 14", "KIS|PURE 14.1", true), ("KAV|KIS 14", "KES 14", false), ("KAV|KIS 14", "KAV 15", false),
    ("kav|kis 14", "Kis 14", true), ("KAV|KIS 14", "PURE 14;KES 11", false),
    ("!KES 21", "KES 21.3.10.*", false), ("!KES 21", "KES 22", true), ("!KES 21", "KES", true),
    ("!KES 21", "KAV 21", true), ("!KES 21", "KES 21.3;KES 11.2", true), ("!KES 21.3", "KES 21", true),
    ("!KES", "KES 21", false), ("KES", "KES [8-10].[1-2].*.*", true), ("KES 10.2.1", "KES [8-10].[1-2].*.*", true),
    ("KES 11", "KES [8-10].[1-2].*.*", false), ("KES [13-*]", "KES 12", false), ("KES [13-*]", "KES 4000000", true),
    // What the vendor takes away.
    ("KES 21.5", "!KES 21;KAV|KIS 21.[4-9,13-24]", false), ("KIS 21.5", "!KES 21;KAV|KIS 21.[4-9,13-24]", true),
    ("KIS 21.10", "!KES 21;KAV|KIS 21.[4-9,13-24]", false), ("KES 21.5", "!KES 21", false), ("KES", "!KES 21", true),
    ("KES 14", "!KAV|KIS|PURE [13-*].*.*.*", true), ("PURE 14", "!KAV|KIS|PURE [13-*].*.*.*", false),
    ("PURE 12", "!KAV|KIS|PURE [13-*].*.*.*", true),
    // In doubt, yes: a pattern of the vendor's that cannot be read, and marks for any character.
    ("KES 21", "KES twenty", true), ("KES 21", "KAV 21.[9-4]", true), ("KES 21", "K?S 21", true),
    ("KAVS 21", "K?S 21", false),
  ])
  func `applications fit by name and version`(wanted: String, restriction: String, fits: Bool) throws {
    let selection = try Selection(applications: [wanted])
    #expect(try selection.admits(entry("App=\"\(restriction)\"")) == fits)
    #expect(try selection.admits(entry("AppName=\"\(restriction)\"")) == fits)
  }

  @Test func `several application patterns together take what any of them takes`() throws {
    let selection = try Selection(applications: ["KES 12", "KAV 21", "!KAV 21.3"])
    #expect(try selection.admits(entry(#"App="KES 12.1""#)))
    #expect(try selection.admits(entry(#"App="KAV 21.2""#)))
    #expect(try !selection.admits(entry(#"App="KAV 21.3.10""#)))
    #expect(try !selection.admits(entry(#"App="KIS 21""#)))
  }

  @Test(arguments: [
    "KES 21.[9-4]", "KES twenty", "KES 21.", "KES 21.[4-9", "KES 21.[]", "KES 21.[4-]", "KES 21.[1-2-3]", "!",
    "| 21", "KES 99999999999", "KES 21 22", "KES -1",
  ])
  func `a pattern that is none is reported`(pattern: String) throws {
    let error = #expect(throws: SelectionError.self) { try Selection(applications: ["KAV 21", pattern]) }
    #expect(error?.description.hasPrefix("the application pattern '") == true)
    #expect(pattern.hasSuffix(error?.pattern ?? "?"))
    #expect(error?.reason.isEmpty == false)
  }

  // MARK: - Systems and languages

  @Test(arguments: [
    ("Win", "Win-7,8,81", true), ("win", "Win-7", true), ("Win-8", "Win-7,8,81", true), ("Win-10", "Win-7,8,81", false),
    ("Win-8", "Win", true), ("Linux", "Win-7,8,81", false), ("Linux", "Win;Linux*", true), ("Linux", "Mac;Linux", true),
    ("Win-7", "Win-2008-R2;Win-7,8", true), ("Win-7,10", "Win-10", true), ("Linux", "Linux*", true),
    ("Linuxs-104", "Linux*", true), ("Win", "Linux*", false), ("Linux", "!Win", true), ("Mac", "win", false),
  ])
  func `operating systems fit by family and version`(wanted: String, restriction: String, fits: Bool) throws {
    #expect(try Selection(operatingSystems: [wanted]).admits(entry("OS=\"\(restriction)\"")) == fits)
    #expect(try Selection(operatingSystems: ["Android", wanted]).admits(entry("OS=\"\(restriction)\"")) == fits)
  }

  @Test func `architectures of process and system fit without case`() throws {
    let selection = try Selection(architectures: ["X64"])
    #expect(try selection.admits(entry(#"Arch="x64""#)))
    #expect(try selection.admits(entry(#"Arch="i386;x64""#)))
    #expect(try selection.admits(entry(#"SysArch="x64""#)))
    #expect(try !selection.admits(entry(#"Arch="i386""#)))
    #expect(try !selection.admits(entry(#"SysArch="a64""#)))
    #expect(try !selection.admits(entry(#"Arch="x64" SysArch="a64""#)))
    #expect(try !selection.admits(entry(#"Arch="x6""#)))
  }

  @Test(arguments: [
    ("pt", "pt", true), ("pt", "pt-BR", true), ("PT", "pt_BR", true), ("pt-br", "pt_BR", true),
    ("pt_BR", "pt-PT", false),
    ("pt", "en", false), ("p", "pt", false), ("de", "fr;de-DE", true), ("de", "LangNone", true),
    ("en", "ab,aa,en,de", true), ("en", "ab,aa,de", false), ("zh-Hans", "aa,zh_Hans;ja", true),
    ("en", "den,fren", false),
  ])
  func `languages fit with their countries, in lists of either form`(wanted: String, restriction: String, fits: Bool)
    throws
  {
    #expect(try Selection(languages: [wanted]).admits(entry("Lang=\"\(restriction)\"")) == fits)
  }

  // MARK: - Patches and staged roll-out

  @Test func `application patches are taken only when asked for`() throws {
    let patch = try entry(name: "../updates/bin/kav21/fix.msp")
    #expect(try !Selection().admits(patch))
    #expect(try Selection(patches: true).admits(patch))
    #expect(
      try !Selection(components: ["KAV21"], patches: true).admits(entry("CompID=\"KES\"", name: "../updates/bin/x"))
    )
    #expect(Selection.everything.admits(patch))
  }

  @Test func `a staged roll-out is always taken whole`() throws {
    let table = """
      <Files CompID="KDB" App="KES 21" Item="Name;SrvPath;Target;KSCMode" List="
      a|mod|[0-262142]|0; a|unmod|262143|0; a|mod|0|1; b|unmod|[0-94371,199228-262142]|1"/>
      """
    let entries = try SyntheticIndexes.parse(element: table).entries
    #expect(entries.map(\.path.string) == ["index/mod/a", "index/unmod/a", "index/mod/a", "index/unmod/b"])
    for selection in [try Selection(), try Selection(components: ["KDB"], applications: ["KES 21.3"]), .everything] {
      #expect(entries.allSatisfy { selection.admits($0) })
    }
  }
}
