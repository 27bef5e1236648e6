import FileSystem
import JobCore
import SystemPackage
import TestSupport
import Testing

@testable import Importing

@Suite struct MediaSearchTests {
  private let folder = TemporaryFolder()

  private func medium(_ name: String, _ bundles: String...) throws -> FilePath {
    for bundle in bundles + ["photos"] { try Files.makeFolder(folder[name].appending(bundle)) }
    return folder[name]
  }

  @Test func `the one medium with bundles is taken, and several are reported with what they have`() throws {
    let (empty, one) = (try medium("empty"), try medium("one", "kscmirror-000001", "kscmirror-000002-from-000001"))
    let two = try medium("two", "kscmirror-000003")
    let found = MediaSearch.Medium(place: one, bundles: ["kscmirror-000001", "kscmirror-000002-from-000001"])
    #expect(try MediaSearch(places: [empty, one, folder["gone"]]).run() == .one(found))
    guard case .several(let media) = try MediaSearch(places: [one, empty, two]).run() else {
      Issue.record("two media have bundles")
      return
    }
    let error = MediaSearch.ambiguity(media)
    #expect(error.status == .usage && error.details.count == 2 && error.details[1].contains("kscmirror-000003"))
  }

  @Test func `no medium, or none with a bundle, is an error that says where was looked`() throws {
    let empty = try medium("empty")
    let error = #expect(throws: JobError.self) { try MediaSearch(places: [empty]).run() }
    #expect(error?.status == .notThere && error?.message.contains(empty.string) == true)
    #expect(throws: JobError.self) { try MediaSearch(places: []).run() }
  }
}
