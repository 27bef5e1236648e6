import MirrorTypes
import UpdateIndex

/// Small indexes made up for the tests, one of each generation, with all that the format has.
enum SyntheticIndexes {
  /// The digest of an empty file named `empty.dat`, and that of `abc` named `Test.DAT`, as indexes write them.
  static let digests = ["f3CCJrjzJxFCCpO9s2ztt+GbZrEQFD6hYd3AruNGnaA=", "naNBiX0g3AUuUfu+t9/TyRRNaLJNhpVbP1/z1IPdRLQ="]

  /// What stands behind the XML in 1901g: a line of text, and binary bytes, some of which look like XML.
  static let signature =
    Array("\r\n:!28401GAAAA%%\r\n=!AQAA".utf8) + [0x00, 0xFF, 0x3C, 0x3E, 0x26, 0x80, 0x0D, 0x0A, 0x00]
    + Array("%%".utf8)

  static let updateFiles = """
    <UpdateFiles UpdateDate="11112025 0902" BlackDate="10112025 0000" ObjectType="2=KDB;3=BASE">
    \t<FileDescription ComponentID="KDB,AH" UpdateType="desc" ServerFolder="../bases/av" Filename="av-0607g.xml"
    \t\tFileDate="11112025 0900" App="KES 10.2.*.*"/>
    \t<FileDescription ComponentID="KDB" UpdateType="base" ServerFolder="../bases" Filename="kdb.dat" FileSize="4711"
    \t\tFileDate="11112025 0900"/>
    \t<FileDescription ComponentID="APU" UpdateType="executable" Filename="apu.dll" OS="Win-7,8,81" Arch="x64"/>
    \t<FileDescription ComponentID="INFO" Filename="info.txt" Body="aGVsbG8="/>
    \t<Registry ComponentID="KDB"><Key Name="x.pbv">AAAA</Key></Registry>
    \t<EOL ComponentID="KDB" App="KAV 13.*.*.*" Date="01012016 0000"/>
    </UpdateFiles>
    ;:10AAAABBBBCCCC%%
    """

  static let update2 = """
    <Update Date="11112025 0902" Format="2.0" CompID="KDB" ObjectType="2=KDB;3=BASE" SrvPath="../updates"
    \tMaxConnectionCount="10">
    \t<Index Name="kdb-1313g.xml" CompID="KDB,KDBIND" SrvPath="../updates/kdb"/>
    \t<Files SrvPath="kdb" CompID="KDB" Item="Name;DSKM;Size" List="
    \t\tbase001.kdc|AAAA|10;
    \t\tbase002.kdc|BBBB|20;
    \t"/>
    \t<File Name="kdb.stt">aGVsbG8=</File>
    \t<Patches Item="Name;App;SrvPath" List="fix.msp|KAV\\\\|KIS 21\\;KES 11|bin/kav"/>
    </Update>
    ;:10AAAABBBBCCCC%%
    """

  static let update3 = """
    <Update Date="11112025 0902" Format="3.0" ObjectType="2=KDB;3=BASE" Shell="bdif;klz;none">
    \t<Indexes Item="Name;CompID;Date" List="kdb-1901g.xml|KDB,KDBIND|11112025 0900;emu-1901g.xml|EMU|11112025 0900"/>
    \t<Files SrvPath="mod" Item="Name;DSKM2;Target;Size" List="
    \t\tempty.dat|\(digests[0])|[0-262142]|0;
    \t\ttest.dat|\(digests[1])|262143|3;
    \t"/>
    \t<Key2 CompID="NULL" LocalPath="%DSKM%" Name="kdb-1901g.pbv">AAAA</Key2>
    </Update>

    """

  /// All three, as bytes.
  static let all: [[UInt8]] = [Array(updateFiles.utf8), Array(update2.utf8), Array(update3.utf8) + signature]

  /// Parses a text as the index `index/u.xml`.
  static func parse(
    _ text: String,
    at path: String = "index/u.xml",
    limits: IndexLimits = IndexLimits()
  ) throws -> IndexFile {
    try IndexParser.parse(Array(text.utf8), at: TreePath(path), limits: limits)
  }

  /// Parses one element, on line 2 of an index of format 3.0.
  static func parse(
    element: String,
    root: String = "",
    at path: String = "index/u.xml",
    limits: IndexLimits = IndexLimits()
  ) throws -> IndexFile {
    try parse("<Update Format=\"3.0\"\(root)>\n\(element)\n</Update>", at: path, limits: limits)
  }

  /// The paths that one element names.
  static func paths(_ element: String, root: String = "", at path: String = "index/u.xml") throws -> [String] {
    try parse(element: element, root: root, at: path).entries.map(\.path.string)
  }
}
