import MirrorTypes
import Testing

@Suite struct SystemNamesTests {
  @Test(arguments: [
    "$RECYCLE.BIN", "$Recycle.Bin", "RECYCLER", "System Volume Information", ".Trashes", ".Trash-1000", ".Trash-0",
    ".fseventsd", ".Spotlight-V100", ".TemporaryItems", "LOST.DIR", "Android", "FOUND.000", "FOUND.123", "lost+found",
  ])
  func `folders that systems make are known`(_ name: String) {
    #expect(SystemNames.isKnown(name, isFolder: true))
    #expect(!SystemNames.isKnown(name, isFolder: false))
  }

  @Test(arguments: [
    "._kscmirror-000001", "._.Trashes", ".DS_Store", "desktop.ini", "Desktop.ini", "Thumbs.db", ".VolumeIcon.icns",
    ".fuse_hidden0000002a00000001", ".nfs00000000012345", ".hidden",
  ])
  func `files that systems make are known`(_ name: String) {
    #expect(SystemNames.isKnown(name, isFolder: false))
    #expect(!SystemNames.isKnown(name, isFolder: true))
  }

  @Test(arguments: [
    "autorun.inf", "._", ".Trash-", ".Trash-x", "FOUND.", "FOUND.0x0", "Thumbs.db.exe", "desktop.ini.lnk",
    "RECYCLER.exe", "", "lost+found2",
  ])
  func `whatever else is not`(_ name: String) {
    #expect(!SystemNames.isKnown(name, isFolder: true) && !SystemNames.isKnown(name, isFolder: false))
  }
}
