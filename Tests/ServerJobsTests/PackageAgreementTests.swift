import MirrorTypes
import Testing

@testable import JobCore
@testable import ServerJobs

/// Nobody accepts what was not meant.
@Suite struct PackageAgreementTests {
  private static func agreement(_ number: Int64, _ name: String, sha256: String = "") -> PackageAgreement {
    let digest = sha256 + String(repeating: "\(number % 10)", count: 64 - sha256.count)
    return PackageAgreement(
      number: number,
      name: name,
      kind: "eula",
      language: "en",
      isAccepted: false,
      isNeeded: true,
      packages: [1],
      size: 10,
      sha256: digest
    )
  }

  private static let all = [
    agreement(41, "KES-12.1-eula-en"), agreement(42, "KESL-12.0-eula-en"), agreement(43, "KESL-12.0-eula-en"),
    agreement(44, "nagent-15-eula-ru", sha256: "ABCDEF0123456789".lowercased()),
  ]

  @Test(
    arguments: [
      ("41", 41), ("KES-12.1-eula-en", 41), ("kes-12.1-EULA-en", 41), ("42", 42), ("43", 43), ("abcdef0123456789", 44),
      ("ABCDEF0123456789", 44),
    ] as [(String, Int64)]
  )
  func `it is named by number, name or digest`(_ word: String, _ number: Int64) throws {
    #expect(try AgreementChoice.numbers([word], among: Self.all) == [number])
  }

  @Test(arguments: [
    ("KESL-12.0-eula-en", "several agreements: 42, 43"), ("KES-12.1-eula-eng", "did you mean 'KES-12.1-eula-en'?"),
    ("45", "no agreement '45'"), ("abcdef", "no agreement"), ("", "no agreement"), ("*", "no agreement"),
    ("-41", "no agreement"), ("yes", "no agreement"), ("eula", "no agreement"),
  ])
  func `what names none, or several, accepts none`(_ word: String, _ words: String) throws {
    let error = #expect(throws: JobError.self) { try AgreementChoice.numbers(["41", word], among: Self.all) }
    #expect(error?.status == .usage && error?.message.contains(words) == true, "\(String(describing: error))")
  }

  @Test(
    arguments: [
      (nil, AgreementAnswer.leave), ("", .leave), ("  ", .leave), ("no", .leave), ("N", .leave), ("text", .show),
      ("KES-12.1-eula-en", .accept), (" kes-12.1-eula-en ", .accept), ("41", .accept), ("y", .unclear),
      ("yes", .unclear), ("42", .unclear), ("41 42", .unclear), ("accept", .unclear),
    ] as [(String?, AgreementAnswer)]
  )
  func `only its own name or number accepts it`(_ line: String?, _ answer: AgreementAnswer) {
    #expect(AgreementAnswer(line, to: Self.all[0]) == answer)
  }

  @Test(arguments: [
    ("kes/setup.exe", "kes/setup.exe"), ("a b", "'a b'"), ("it's", "'it'\\''s'"), ("", "''"), ("$(x)", "'$(x)'"),
    ("é", "'é'"), ("a\nb", "'a\nb'"),
  ])
  func `a word to paste stays one word`(_ word: String, _ quoted: String) {
    #expect(ShellWord.quoted(word) == quoted)
  }

  @Test(
    arguments: [
      ("https://KSC.example:8061/x", "ksc.example"), ("http://[::1]:80/x", "[::1"), ("https://a@b/", nil),
      ("ftp://a/", nil), ("https:///x", nil), ("https://a\\b/", nil), ("https://a b/", nil), ("", nil), ("//a/b", nil),
      ("https://ksc.example?x@y/", "ksc.example"),
    ] as [(String, String?)]
  )
  func `an address that can be read in two ways has no host`(_ address: String, _ host: String?) {
    #expect(PluginFetching.host(of: address) == host)
  }
}
