import BundleFormat
import FileSystem
import Foundation
import MirrorTypes
import SystemPackage
import TestSupport
import Testing

/// Volumes in pieces: what belongs together is found, and what contradicts itself is not.
@Suite struct PieceTests {
  private let folder = TemporaryFolder()
  private let opened: OpenFolder
  private let name = "kscmirror-000042.001.tar.zst"

  init() throws { opened = try OpenFolder(folder.path) }

  private func place(_ path: String) -> Place { opened.place.pushing(path) }

  private func lay(_ files: [String: Int], in place: String = "a") throws {
    try FileManager.default.createDirectory(atPath: folder[place].string, withIntermediateDirectories: true)
    for (name, size) in files {
      try Data(count: size).write(to: URL(fileURLWithPath: folder["\(place)/\(name)"].string))
    }
  }

  private func finding(_ places: String..., size: Int64 = 10) throws -> VolumeFinding {
    try VolumeSearch(places.map { VolumePlace(place($0)) }).find(name, size: size)
  }

  @Test func `names of pieces`() {
    #expect(VolumeFileName("\(name).part01") == VolumeFileName(volume: name, piece: 1))
    #expect(VolumeFileName("\(name).part007").piece == 7)
    #expect(VolumeFileName("\(name).part007").text == "\(name).part007")
    #expect(VolumeFileName(volume: name, piece: 123).text == "\(name).part123")
    for odd in [".part1", ".part00", ".part", ".part-1", ".part1000000", ".part٠١", ".part01.part", "part01"] {
      #expect(VolumeFileName(name + odd).piece == nil, "\(odd)")
    }
  }

  @Test func `names with the volume's SHA-256 before them`() throws {
    let hex = String(repeating: "0a1b", count: 16)
    let digest = try #require(ObjectDigest(hex: hex))
    #expect(VolumeFileName("\(hex).\(name)") == VolumeFileName(volume: name, digest: digest, piece: nil))
    #expect(
      VolumeFileName("\(hex).\(name).part012") == VolumeFileName(volume: name, digest: digest, piece: 12, digits: 3)
    )
    for text in ["\(hex).\(name)", "\(hex).\(name).part012", name, "\(hex).é", "\(hex).\(hex).\(name)"] {
      #expect(VolumeFileName(text).text == text)
    }
    #expect(VolumeFileName("\(hex).\(hex).\(name)").volume == "\(hex).\(name)")
    let file = VolumeFileName("\(hex).\(name)")
    #expect(file.piece(7).text == "\(hex).\(name).part07" && file.piece(7).whole == file)
    let odd = [
      "\(hex)", "\(hex).", "\(hex)\(name)", "\(hex.uppercased()).\(name)", "\(hex.dropLast()).\(name)",
      "\(hex)0.\(name)", "\(hex.dropLast())g.\(name)", "\(hex.dropLast())٠.\(name)", "-\(hex).\(name)",
      "\(hex.dropLast(2))é.\(name)",
    ]
    for text in odd {
      #expect(VolumeFileName(text).digest == nil && VolumeFileName(text).text == text, "\(text)")
      #expect(VolumeFileName(text).volume == text, "\(text)")
    }
  }

  @Test func `a volume is found by names with its own SHA-256, or none`() throws {
    func hex(_ byte: String) -> String { String(repeating: byte, count: 32) }
    let digest = try #require(ObjectDigest(hex: hex("ab")))
    let volume = Volume(name: name, size: 10, sha256: digest, entries: 0, contentBytes: 0)
    let own = "\(hex("ab")).\(name)"
    func finding(_ place: String...) throws -> VolumeFinding {
      try VolumeSearch(place.map { VolumePlace(self.place($0)) }).find(volume)
    }
    try lay([own: 10, name: 10], in: "both")
    #expect(try finding("both") == .whole([place("both/\(own)")]))
    try lay([own: 9, name: 10], in: "cut")
    #expect(try finding("cut") == .whole([place("cut/\(name)")]))
    try lay(["\(hex("ac")).\(name)": 10, "\(hex("ac")).\(name).part01": 10], in: "other")
    #expect(try finding("other") == .missing)
    try lay(["\(own).part01": 4], in: "one")
    try lay(["\(name).part02": 6], in: "two")
    #expect(try finding("one", "two") == .whole([place("one/\(own).part01"), place("two/\(name).part02")]))
    #expect(try finding("one") == .partly([1]))
    #expect(try VolumeSearch([VolumePlace(place("one"))]).pieces(of: volume).keys.sorted() == [1])
    // What has no signed SHA-256 of this kind is looked for by one name alone.
    #expect(try VolumeSearch([VolumePlace(place("one"))]).find(name, size: 4) == .missing)
  }

  @Test func `pieces make a volume when they are all there, also in two places`() throws {
    try lay(["\(name).part01": 4, "\(name).part02": 4, "\(name).part03": 2])
    #expect(try finding("a") == .whole((1...3).map { place("a/\(name).part0\($0)") }))
    try lay(["\(name).part01": 4, "\(name).part03": 2], in: "b")
    #expect(try finding("b") == .partly([1, 3]))
    try lay(["\(name).part00002": 4], in: "c")
    #expect(
      try finding("b", "c")
        == .whole([place("b/\(name).part01"), place("c/\(name).part00002"), place("b/\(name).part03")])
    )
    #expect(try finding("nowhere") == .missing)
  }

  @Test func `where the whole and pieces lie together the whole counts`() throws {
    try lay([name: 10, "\(name).part01": 4, "\(name).part02": 6])
    #expect(try finding("a") == .whole([place("a/\(name)")]))
    try lay([name: 9, "\(name).part01": 4, "\(name).part02": 6], in: "b")
    #expect(try finding("b") == .wrongSize)
  }

  @Test func `pieces that are doubled, too large, too many, links or folders are not taken`() throws {
    try lay(["\(name).part01": 4, "\(name).part001": 4, "\(name).part02": 6], in: "doubled")
    try lay(["\(name).part01": 11], in: "large")
    try lay(["\(name).part01": 6, "\(name).part02": 6], in: "many")
    try lay(["\(name).part02": 6], in: "link")
    try lay(["\(name).part02": 6], in: "folder")
    try FileManager.default.createSymbolicLink(
      atPath: folder["link/\(name).part01"].string,
      withDestinationPath: folder["many/\(name).part01"].string
    )
    try FileManager.default.createDirectory(
      atPath: folder["folder/\(name).part01"].string,
      withIntermediateDirectories: false
    )
    for place in ["doubled", "large", "many", "link", "folder"] {
      #expect(try finding(place) == .wrongSize, "\(place)")
    }
    try lay(["\(name).part02": 4, "\(name).part03": 6], in: "late")
    #expect(try finding("late") == .wrongSize)
  }
}
