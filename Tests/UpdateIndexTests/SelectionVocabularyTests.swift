import MirrorTypes
import Testing
import UpdateIndex

@Suite struct SelectionVocabularyTests {
  private func vocabulary(_ attributes: String) throws -> SelectionVocabulary {
    var vocabulary = SelectionVocabulary()
    let element =
      "<File CompID=\"KDB\" Name=\"a.dat\" \(attributes)/><File CompID=\"AH\" Name=\"b.dat\" App=\"*\" OS=\"*\"/>"
    vocabulary.take(try SyntheticIndexes.parse(element: element))
    return vocabulary
  }

  private func unknown(
    _ vocabulary: SelectionVocabulary,
    applications: [String] = [],
    os: [String] = [],
    architectures: [String] = [],
    languages: [String] = []
  ) -> [String] {
    vocabulary.unknown(
      applications: applications,
      operatingSystems: os,
      architectures: architectures,
      languages: languages
    ).map { "\($0.setting.rawValue): \($0.word) -> \($0.nearest ?? "?")" }
  }

  @Test func `a word that no index has is named with the nearest one`() throws {
    let words = try vocabulary(
      "App=\"!KES 21;KAV|KIS 21.[4-9]\" OS=\"Win-7,8,81;Linuxs-104\" Arch=\"x64\" SysArch=\"a64\" Lang=\"pt-BR,en;langnone\""
    )
    #expect(unknown(words, os: ["Linux", "win", "Win-8", "WIN-7,99"]).isEmpty)
    #expect(unknown(words, architectures: ["X64", "A64"], languages: ["pt", "EN", "pt_BR"]).isEmpty)
    #expect(unknown(words, applications: ["KES 12", "!kis", "KAV|KIS 21"]).isEmpty)
    #expect(
      unknown(words, os: ["Linx", "Win-99", "Solaris"]) == [
        "os: Linx -> Linuxs", "os: Win-99 -> Win", "os: Solaris -> ?",
      ]
    )
    #expect(
      unknown(words, architectures: ["x46"], languages: ["qqqq"]) == [
        "architectures: x46 -> x64", "languages: qqqq -> ?",
      ]
    )
    #expect(unknown(words, applications: ["KESS 12;KIS"]) == ["applications: KESS -> KES"])
  }

  @Test func `where indexes restrict nothing, nothing is unknown`() throws {
    let words = try vocabulary("")
    #expect(unknown(words, applications: ["X"], os: ["Linx"], architectures: ["y"], languages: ["zz"]).isEmpty)
  }
}
