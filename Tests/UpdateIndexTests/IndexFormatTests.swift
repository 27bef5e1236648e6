import MirrorTypes
import Testing
import UpdateIndex

@Suite struct IndexFormatTests {
  private func entry(_ element: String) throws -> IndexEntry {
    try #require(try SyntheticIndexes.parse(element: element).entries.first)
  }

  // MARK: - Generations

  @Test func `the oldest generation names indexes, files and inline files`() throws {
    let index = try SyntheticIndexes.parse(SyntheticIndexes.updateFiles, at: "index/u0607g.xml")
    #expect(index.generation == .updateFiles)
    #expect(index.date == IndexDate("11112025 0902"))
    #expect(index.objectType == "2=KDB;3=BASE")
    #expect(
      index.entries.map(\.path.string) == [
        "bases/av/av-0607g.xml", "bases/kdb.dat", "index/apu.dll", "index/info.txt",
      ]
    )
    #expect(index.entries.map(\.kind) == [.index, .file, .file, .inline])
    #expect(index.entries.map(\.components) == [["KDB", "AH"], ["KDB"], ["APU"], ["INFO"]])
    #expect(index.entries.map(\.size) == [nil, 4711, nil, nil])
    #expect(index.entries.allSatisfy { $0.dskm2 == nil && !$0.carriesDigest })
    #expect(index.entries[0].applications == "KES 10.2.*.*")
    #expect(index.entries[2].operatingSystems == "Win-7,8,81")
    #expect(index.entries[2].architectures == "x64")
    #expect(index.drift.isEmpty)
  }

  @Test func `the format 2,0 names indexes, tables of files and inline files`() throws {
    let index = try SyntheticIndexes.parse(SyntheticIndexes.update2, at: "index/u1313g.xml")
    #expect(index.generation == .update2)
    #expect(
      index.entries.map(\.path.string) == [
        "updates/kdb/kdb-1313g.xml", "index/kdb/base001.kdc", "index/kdb/base002.kdc", "updates/kdb.stt",
        "index/bin/kav/fix.msp",
      ]
    )
    #expect(index.entries.map(\.kind) == [.index, .file, .file, .inline, .file])
    #expect(index.entries.map(\.components) == [["KDB", "KDBIND"], ["KDB"], ["KDB"], ["KDB"], ["KDB"]])
    #expect(index.entries.map(\.carriesDigest) == [false, true, true, false, false])
    #expect(index.entries.allSatisfy { $0.dskm2 == nil })
    #expect(index.entries[1].size == 10)
    #expect(index.entries[4].applications == "KAV|KIS 21;KES 11")
    #expect(index.drift.isEmpty)
  }

  @Test func `the format 3,0 names files with DSKM2 digests`() throws {
    let bytes = SyntheticIndexes.all[2]
    let index = try IndexParser.parse(bytes, at: TreePath("updates/kdb/u1901g.xml"))
    #expect(index.generation == .update3)
    #expect(
      index.entries.map(\.path.string) == [
        "updates/kdb/kdb-1901g.xml", "updates/kdb/emu-1901g.xml", "updates/kdb/mod/empty.dat",
        "updates/kdb/mod/test.dat",
      ]
    )
    #expect(index.entries.map(\.kind) == [.index, .index, .file, .file])
    #expect(
      index.entries[2].dskm2?.hex == "7f708226b8f32711420a93bdb36cedb7e19b66b110143ea161ddc0aee3469da0"
    )
    #expect(index.entries.map(\.carriesDigest) == [false, false, true, true])
    #expect(index.drift.isEmpty)
  }

  @Test func `signature text and binary bytes behind the end tag are no part of the XML`() throws {
    let xml = Array("<Update Format=\"3.0\"><File Name=\"a\"/></Update>".utf8)
    for tail in [[], Array("\r\n;:10AAAA%%".utf8), SyntheticIndexes.signature, [0x00], Array("<File Name='b'/>".utf8)] {
      let index = try IndexParser.parse(xml + tail, at: TreePath("index/u.xml"))
      #expect(index.xmlByteCount == xml.count)
      #expect(index.entries.map(\.path.string) == ["index/a"])
    }
  }

  @Test(arguments: 0..<3)
  func `line breaks of LF and of CRLF read the same`(generation: Int) throws {
    let text = [SyntheticIndexes.updateFiles, SyntheticIndexes.update2, SyntheticIndexes.update3][generation]
    let unix = try SyntheticIndexes.parse(text)
    let windows = try SyntheticIndexes.parse(text.split(separator: "\n").joined(separator: "\r\n"))
    #expect(!unix.entries.isEmpty)
    #expect(unix.entries == windows.entries)
  }

  // MARK: - Tables

  @Test func `a table is split by both escapes, one after the other`() throws {
    let cases: [(list: String, cells: [String])] = [
      (#"a|KAV\\|KIS 21\;KES 11"#, ["KAV|KIS 21;KES 11"]),
      (#"a|x\\\;y"#, ["x;y"]),
      (#"a|x\\\\y"#, [#"x\y"#]),
      (#"a|x;b|y"#, ["x", "y"]),
      (#"a|x\;b"#, ["x;b"]),
      (#"a|\x"#, ["x"]),
      (#"a|x\"#, [#"x\"#]),
    ]
    for (list, cells) in cases {
      let index = try SyntheticIndexes.parse(element: "<Files Item=\"Name;App\" List=\"\(list)\"/>")
      #expect(index.entries.map(\.applications) == cells, "\(list)")
    }
  }

  @Test func `an escaped bar of the first step still separates cells`() throws {
    // `\|` is `|` after the split into records, and so separates cells; it takes `\\|` to keep it.
    let index = try SyntheticIndexes.parse(element: #"<Files Item="Name;App" List="a\|x;b|y\\|z"/>"#)
    #expect(index.entries.map(\.applications) == ["x", "y|z"])
  }

  @Test func `blanks and line breaks around cells fall away, and so do blank records`() throws {
    let list = " a.dat |\tKDB , EMU ;; \r\n ;&#10;b.dat|EMU&#13;&#10;;\n"
    let index = try SyntheticIndexes.parse(element: "<Files Item=\"Name;CompID\" List=\"\(list)\"/>")
    #expect(index.entries.map(\.path.string) == ["index/a.dat", "index/b.dat"])
    #expect(index.entries.map(\.components) == [["KDB", "EMU"], ["EMU"]])
  }

  @Test func `blanks inside a cell stay`() throws {
    #expect(try SyntheticIndexes.paths(#"<Files Item="Name" List=" a b.dat "/>"#) == ["index/a b.dat"])
  }

  @Test func `a table without records names nothing`() throws {
    for list in ["", " ", ";;", "\n;\n"] {
      #expect(try SyntheticIndexes.paths("<Files Item=\"Name\" List=\"\(list)\"/>") == [], "\(list)")
    }
  }

  @Test func `attributes of a table are defaults for its records`() throws {
    let attributes = #"CompID="KDB" OS="Win" Arch="x64" SysArch="a64" Lang="de" SrvPath="sub" App="KES""#
    let index = try SyntheticIndexes.parse(element: "<Files \(attributes) Item=\"Name;OS\" List=\"a|Linux;b|Win-7\"/>")
    #expect(index.entries.map(\.operatingSystems) == ["Linux", "Win-7"])
    for entry in index.entries {
      #expect(entry.components == ["KDB"])
      #expect(entry.architectures == "x64")
      #expect(entry.systemArchitectures == "a64")
      #expect(entry.languages == "de")
      #expect(entry.applications == "KES")
      #expect(entry.path.string.hasPrefix("index/sub/"))
    }
  }

  @Test func `a table of any element has the same form as single elements`() throws {
    for (table, single) in [("Indexes", "Index"), ("Files", "File"), ("Patches", "Patch"), ("Blsts", "Blst")] {
      let many = try SyntheticIndexes.parse(element: "<\(table) Item=\"Name;CompID\" List=\"a|X\"/>")
      let one = try SyntheticIndexes.parse(element: "<\(single) Name=\"a\" CompID=\"X\"/>")
      #expect(many.entries == one.entries)
      #expect(many.entries.map(\.kind) == [single == "Index" ? .index : .file])
    }
  }

  // MARK: - Paths

  @Test func `without SrvPath a name lies below the root's SrvPath`() throws {
    let element = #"<File Name="a"/>"#
    #expect(try SyntheticIndexes.paths(element) == ["index/a"])
    #expect(try SyntheticIndexes.paths(element, root: #" SrvPath="../updates""#) == ["updates/a"])
    #expect(
      try SyntheticIndexes.paths(element, root: #" SrvPath="../updates""#, at: "updates/kdb/x.xml") == [
        "updates/updates/a"
      ]
    )
  }

  @Test func `an empty SrvPath stands for the folder of the index`() throws {
    let root = #" SrvPath="../updates""#
    #expect(try SyntheticIndexes.paths(#"<File Name="a" SrvPath=""/>"#, root: root) == ["index/a"])
    #expect(try SyntheticIndexes.paths(#"<Files Item="Name;SrvPath" List="a|"/>"#, root: root) == ["index/a"])
  }

  @Test func `an element's and a record's own SrvPath come before the root's`() throws {
    let root = #" SrvPath="../updates""#
    #expect(try SyntheticIndexes.paths(#"<File Name="a" SrvPath="own"/>"#, root: root) == ["index/own/a"])
    let table = #"<Files SrvPath="own" Item="Name;SrvPath" List="a|other;b|../up"/>"#
    #expect(try SyntheticIndexes.paths(table, root: root) == ["index/other/a", "up/b"])
  }

  @Test func `a path may go up as far as the root, and a name may have folders`() throws {
    #expect(try SyntheticIndexes.paths(#"<File Name="x/../../b/./c" SrvPath="../a/"/>"#) == ["b/c"])
    #expect(try SyntheticIndexes.paths(#"<File Name="a" SrvPath="../../.."/>"#, at: "1/2/3/u.xml") == ["a"])
    #expect(try SyntheticIndexes.paths(#"<File Name="a"/>"#, at: "u.xml") == ["a"])
  }

  // MARK: - Inline files

  @Test func `a file with text, and one with a body, is inline`() throws {
    #expect(try entry("<File Name=\"a\">aGVsbG8=</File>").kind == .inline)
    #expect(try entry("<File Name=\"a\"><![CDATA[aGVsbG8=]]></File>").kind == .inline)
    #expect(try entry("<File Name=\"a\"> \n </File>").kind == .file)
    #expect(try entry("<File Name=\"a\"/>").kind == .file)
    #expect(try entry("<FileDescription Filename=\"a\" Body=\"aGVsbG8=\"/>").kind == .inline)
    #expect(try entry("<FileDescription Filename=\"a\" UpdateType=\"desc\"/>").kind == .index)
    #expect(try entry("<FileDescription Filename=\"a\" UpdateType=\"blst\"/>").kind == .file)
  }

  @Test func `an unknown element inside a file does not end it`() throws {
    let index = try SyntheticIndexes.parse(element: "<File Name=\"a\"><Hint/>aGVsbG8=</File><File Name=\"b\"/>")
    #expect(index.entries.map(\.path.string) == ["index/a", "index/b"])
    #expect(index.entries.map(\.kind) == [.inline, .file])
  }

  @Test func `a file inside another element is named, and so is what it stands in`() throws {
    let nested = "<Group><File Name=\"a\"/></Group><File Name=\"b\"><File Name=\"c\"/></File><Key Name=\"k\">AA</Key>"
    #expect(try Set(SyntheticIndexes.paths(nested)) == ["index/a", "index/b", "index/c"])
  }

  // MARK: - Fields

  @Test func `lists of components are split on commas`() throws {
    #expect(try entry(#"<File Name="a" CompID="KDB, EMU,,  KDBIND "/>"#).components == ["KDB", "EMU", "KDBIND"])
    #expect(try entry(#"<File Name="a"/>"#).components == [])
    #expect(
      try SyntheticIndexes.parse(element: #"<File Name="a"/>"#, root: #" CompID="X""#).entries[0].components == ["X"]
    )
  }

  @Test func `both attributes of applications count`() throws {
    #expect(try entry(#"<File Name="a" App="KES 11" AppName="KAV 21"/>"#).applications == "KES 11;KAV 21")
    #expect(try entry(#"<File Name="a" AppName="KAV 21"/>"#).applications == "KAV 21")
  }

  @Test func `the fingerprint changes with digest, date and size, and with nothing else`() throws {
    let base = try entry(#"<File Name="a" DSKM="x" Date="11112025 0902" Size="1"/>"#).fingerprint
    #expect(
      try entry(#"<File Name="b" CompID="Z" OS="Win" DSKM="x" Date="11112025 0902" Size="1"/>"#).fingerprint == base
    )
    let others = [
      #"<File Name="a" DSKM="y" Date="11112025 0902" Size="1"/>"#,
      #"<File Name="a" DSKM="x" Date="11112025 0903" Size="1"/>"#,
      #"<File Name="a" DSKM="x" Date="11112025 0902" Size="2"/>"#,
      #"<File Name="a" Date="11112025 0902" Size="1"/>"#,
    ]
    for other in others { #expect(try entry(other).fingerprint != base, "\(other)") }
  }

  @Test func `what lies below updates-bin is a patch`() throws {
    func isPatch(_ path: String) throws -> Bool {
      try entry("<File Name=\"../\(path)\"/>").isPatch
    }
    #expect(try isPatch("updates/bin/kav21/fix.msp"))
    #expect(try !isPatch("updates/binary/x.dat"))
    #expect(try !isPatch("bases/updates/bin/x.dat"))
  }

  @Test(arguments: [
    "", "1111202 0902", "11112025 09020", "32012025 0902", "11132025 0902", "11112025 2402",
    "11112025 0960", "1111202x 0902", "11112025T0902", "00012025 0000",
  ])
  func `what is no date is none`(text: String) {
    #expect(IndexDate(text) == nil)
  }

  @Test func `dates are UTC and compare as times`() throws {
    #expect(try #require(IndexDate("01011970 0000")).time == 0)
    #expect(try #require(IndexDate("11112025 0902")).time == 1_762_851_720)
    #expect(try #require(IndexDate("29022024 2359")).time == 1_709_251_140)
    #expect(try #require(IndexDate("31122024 2359")) < #require(IndexDate("01012025 0000")))
  }

  // MARK: - Drift

  @Test func `unknown elements, attributes and columns are counted under a stable name with a sample`() throws {
    let text = """
      <Update Format="3.0" NewRoot="r">
      <Surprise/><Surprise/>
      <File Name="a" Foo="one"/><File Name="b" Foo="two"/>
      <Files Item="Name;Bar" List="c|x;d|y"/>
      </Update>
      """
    let index = try SyntheticIndexes.parse(text)
    #expect(index.entries.map(\.path.string) == ["index/a", "index/b", "index/c", "index/d"])
    #expect(
      index.drift.findings.map(\.name) == [
        "unknown-attribute File/@Foo", "unknown-attribute Update/@NewRoot", "unknown-column Files/Bar",
        "unknown-element Surprise",
      ]
    )
    #expect(index.drift.findings.map(\.count) == [2, 1, 1, 2])
    #expect(index.drift.findings.map(\.sample) == ["one", "r", "index/u.xml:4", "index/u.xml:2"])
  }

  @Test func `files with names that Windows keeps for devices are skipped and counted, and all others stay`() throws {
    let text = """
      <Update Format="3.0">
      <File Name="a"/><File Name="AUX.dat"/><File Name="b" SrvPath="con"/>
      <Index Name="nul.xml"/>
      <Files Item="Name" List="c;com1.bin;d;com1.bin"/>
      </Update>
      """
    let index = try SyntheticIndexes.parse(text)
    #expect(index.entries.map(\.path.string) == ["index/a", "index/c", "index/d"])
    let findings = index.drift.findings
    #expect(
      findings.map(\.name) == [
        "skipped-name index/AUX.dat", "skipped-name index/com1.bin", "skipped-name index/con/b",
        "skipped-name index/nul.xml",
      ]
    )
    #expect(findings.map(\.count) == [1, 2, 1, 1])
    #expect(findings.first?.sample == "index/u.xml:2")
  }

  @Test func `another folder of difference files than ever is drift`() throws {
    func drift(_ folder: String) throws -> [String] {
      try SyntheticIndexes.parse("<Update Format=\"3.0\" DiffsPath=\"\(folder)\"></Update>").drift.findings.map(\.name)
    }
    #expect(try drift("@ServerPath@/diffs").isEmpty)
    #expect(try drift("@ServerPath@/elsewhere") == ["unknown-value Update/@DiffsPath"])
  }

  @Test func `drift of several indexes adds up`() throws {
    var report = try SyntheticIndexes.parse(element: "<A/><B/>").drift
    report.merge(try SyntheticIndexes.parse(element: "<B/><C/>").drift)
    #expect(report.findings.map(\.name) == ["unknown-element A", "unknown-element B", "unknown-element C"])
    #expect(report.findings.map(\.count) == [1, 2, 1])
    #expect(DriftReport().isEmpty && !report.isEmpty)
  }

  @Test func `drift is bounded in kinds, and in the length of names and samples`() throws {
    let many = (0..<1500).map { "<E\($0)/>" }.joined()
    #expect(try SyntheticIndexes.parse(element: many).drift.findings.count == 1000)
    let long = String(repeating: "x", count: 5000)
    let finding = try #require(
      try SyntheticIndexes.parse(element: "<\(long) \(long)=\"\(long)\"/>").drift.findings.first
    )
    #expect(finding.name.count <= 100 && finding.sample.count <= 120)
  }
}
