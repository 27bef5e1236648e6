import Foundation
import TestSupport
import Testing

/// The pages of the manual fit together: nobody is sent to a page or a section that is not there.
@Suite struct ManualTests {
  /// Names of pages that a text refers to by `.Xr`, as `kscmirror-pack.1`.
  private func references(in text: String) -> Set<String> {
    Set(text.matches(of: /Xr (kscmirror[a-z.-]*) ([1-8])/).map { "\($0.output.1).\($0.output.2)" })
  }

  @Test func `each page that another one refers to is there`() throws {
    let names = Set(try ManualPages.names())
    for section in try ManualPages.sections() {
      let missing = references(in: section.text).subtracting(names)
      #expect(missing.isEmpty, "\(section.page), \(section.heading)")
    }
  }

  @Test func `each section that a page refers to is one of its own`() throws {
    let sections = try ManualPages.sections()
    let headings = Dictionary(grouping: sections, by: \.page).mapValues { Set($0.map(\.heading)) }
    for section in sections {
      for match in section.text.matches(of: /(?:^|\n)\.(?:Pq )?Sx ([^\n]*?)(?: [.,;:])?(?=\n)/) {
        #expect(headings[section.page]?.contains(String(match.output.1)) == true, "\(section.page): \(match.output.1)")
      }
    }
  }

  @Test func `the index has each page of a command once, and the end of it each other page`() throws {
    let sections = try ManualPages.sections().filter { $0.page == "kscmirror.1" }
    let index = sections.flatMap { section in
      section.text.matches(of: /(?:^|\n)\.It Xr (kscmirror-[a-z]+) 1(?=\n)/).map { "\($0.output.1).1" }
    }
    let names = try ManualPages.names().filter { $0 != "kscmirror.1" }
    #expect(index.sorted() == names.filter { $0.hasSuffix(".1") })
    let others = sections.filter { $0.heading == "SEE ALSO" }.map(\.text).joined()
    #expect(references(in: others) == Set(names.filter { !$0.hasSuffix(".1") }))
  }

  @Test func `each page is named in its head as its file is`() throws {
    for name in try ManualPages.names() {
      let text = try String(contentsOf: ManualPages.folder.appendingPathComponent(name), encoding: .utf8)
      let title = name.dropLast(2).uppercased()
      #expect(text.contains("\n.Dt \(title) \(name.suffix(1))\n"), "\(name)")
      #expect(text.contains("\n.Nm \(name.dropLast(2))\n.Nd "), "\(name)")
    }
  }
}
