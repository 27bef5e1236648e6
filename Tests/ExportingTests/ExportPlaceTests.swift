import FileSystem
import Foundation
import JobCore
import MirrorTypes
import SystemPackage
import TestSupport
import Testing

@testable import Exporting

/// Where nothing is exported to, and what is found where something is.
@Suite struct ExportPlaceTests {
  private let ground = TemporaryFolder()

  @Test(
    arguments: [
      ("/srv/updates/tree", nil), ("/media/stick/Updates", nil), ("/srv/kscmirror-tree", nil),
      ("/srv/kaspersky/updates", nil), ("/srv/kscmirror", "holds the store"),
      ("/srv/kscmirror/store/current", "lies in the store"), ("/srv/kscmirror/store", "lies in the store"),
      ("/var/opt/kaspersky/klnagent_srv/1093/.working/share/Updates", "own"),
      ("/var/opt/kaspersky/kesl/common", "own"), ("/opt/kaspersky/ksc64", "own"),
      ("/mnt/ksc/ProgramData/KasperskyLab/adminkit/1093/.working/share/Updates", "own"),
      ("/mnt/1093/.working/share/Updates", "own"),
    ] as [(FilePath, String?)]
  )
  func `folders of the vendor's programs, and the store's, are refused`(_ path: FilePath, _ reason: String?) {
    let refusal = ExportPlace.refusal(of: path, store: "/srv/kscmirror/store")
    if let reason { #expect(refusal?.contains(reason) == true, "\(path)") } else { #expect(refusal == nil, "\(path)") }
  }

  private var mark: ExportMark { ExportMark(release: 3, tree: .sha256(of: [1]), files: 2, bytes: 7) }

  private func place(_ name: String = "tree") throws -> ExportPlace {
    try ExportPlace(ground[name], store: ground["store"])
  }

  @Test func `what lies in the folder is told apart`() throws {
    let place = try place()
    #expect(try place.state() == .nothing)
    try place.tree.makeFolder()
    #expect(try place.state() == .empty)
    try place.tree.appending("other").replace(with: [1])
    #expect(try place.state() == .foreign("\"other\""))
    try mark.write(in: place.tree)
    #expect(try place.state() == .ours(mark))
  }

  @Test func `a link and a file are no folder to export to, and neither is one whose parent is missing`() throws {
    try Files.replace(ground["file"], with: [1])
    try Files.makeLink(ground["link"], to: "elsewhere")
    for (name, words) in [("file", "is not a folder"), ("link", "is a link")] {
      let place = try place(name)
      let error = #expect(throws: JobError.self) { try place.state() }
      #expect(error?.status == .usage && error?.message.contains(words) == true)
    }
    let error = #expect(throws: JobError.self) { try self.place("missing/tree") }
    #expect(error?.status == .notThere)
  }

  @Test(arguments: [
    "", "{", "{}", #"{"kind":"other","format":1}"#, #"{"kind":"kscmirror export","format":1,"release":1}"#,
    #"{"kind":"kscmirror export","format":1,"release":1,"tree":"ab","files":1,"bytes":1}"#,
  ])
  func `anything else is no mark of ours`(_ text: String) {
    #expect(ExportMark.reading(Array(text.utf8)) == .none)
  }

  @Test func `a mark reads back, and one of a newer program is not taken for foreign`() {
    #expect(ExportMark.reading(mark.text) == .mark(mark))
    #expect(ExportMark.reading(Array(#"{"kind":"kscmirror export","format":2}"#.utf8)) == .tooNew(2))
  }

  // MARK: - Switching

  /// Makes a tree of one file in a folder.
  private func make(_ tree: Place, _ content: UInt8, marked: Bool = true) throws {
    try tree.makeFolder()
    try tree.appending("file").replace(with: [content])
    if marked { try mark.write(in: tree) }
  }

  private func content(_ tree: Place) throws -> UInt8? {
    guard try tree.status() != nil else { return nil }
    return try tree.appending("file").read(atMost: 1).first
  }

  /// What a run may have left that was killed between two renames: what lies in each place, and what is read in the end.
  struct Cut: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var tree: UInt8?
    var old: UInt8?
    var built: UInt8?
    var isBuiltWhole = true
    let expected: UInt8?
    let isFinished: Bool
  }

  @Test(arguments: [
    Cut(testDescription: "nothing was begun", tree: 1, built: 2, expected: 1, isFinished: false),
    Cut(testDescription: "the old tree has gone aside", old: 1, built: 2, expected: 2, isFinished: true),
    Cut(
      testDescription: "what was built is not whole",
      old: 1,
      built: 2,
      isBuiltWhole: false,
      expected: 1,
      isFinished: true
    ),
    Cut(testDescription: "nothing was built", old: 1, expected: 1, isFinished: true),
    Cut(testDescription: "the new tree is in its place", tree: 2, old: 1, expected: 2, isFinished: true),
  ])
  func `a switch that was cut short is finished by the next run`(_ cut: Cut) throws {
    let place = try place()
    let change = ExportSwitch(place: place)
    try place.work.makeFolder()
    if let content = cut.tree { try make(place.tree, content) }
    if let content = cut.old { try make(place.work.appending("old"), content) }
    if let content = cut.built { try make(change.built, content, marked: cut.isBuiltWhole) }
    #expect(try change.finishEarlier() == cut.isFinished)
    #expect(try content(place.tree) == cut.expected)
    #expect(try place.work.appending("old").status() == nil)
    #expect(try change.finishEarlier() == false)
  }

  @Test func `two trees change places, and an empty folder gives way`() throws {
    let place = try place()
    let change = ExportSwitch(place: place)
    try place.work.makeFolder()
    try place.tree.makeFolder()
    try make(change.built, 1)
    #expect(try change.run(.empty) == .rename)
    #expect(try content(place.tree) == 1)
    try make(change.built, 2)
    let way = try change.run(.ours(mark))
    #expect(way == .exchange || way == .renames)
    #expect(try content(place.tree) == 2)
    #expect(try content(change.built) == 1)
  }
}
