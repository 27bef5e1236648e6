import Testing

@testable import JobCore

/// What is said to somebody who mistypes a command.
@Suite struct CommandWordsTests {
  private let words = CommandWords(
    "kscmirror",
    [
      CommandWords("sync"), CommandWords("pack"), CommandWords("import"), CommandWords("setup"), CommandWords("doctor"),
      CommandWords("licence", aliases: ["license"], [CommandWords("list"), CommandWords("import")]),
      CommandWords("site", [CommandWords("list"), CommandWords("show")]),
    ]
  )

  @Test(arguments: [
    ["sync"], ["sync", "snyc"], ["pack", "/media/stick"], ["licence", "list"], ["license", "list"], [], ["--version"],
    ["--help"], ["site"], ["help"], ["help", "sync"], ["help", "site", "list"], ["site", "--help"],
    ["---completion", "pack", "--", "--site"], ["--generate-completion-script", "bash"], ["--experimental-dump-help"],
  ])
  func `words that name a command are left to it`(_ arguments: [String]) {
    #expect(words.objection(to: arguments) == nil)
  }

  @Test(arguments: [
    (["snyc"], "sync"), (["Sync"], "sync"), (["paKc", "-n"], "pack"), (["update"], "sync"), (["version"], "--version"),
    (["sites"], "site list"), (["licenses", "list"], "license"), (["licence", "lst"], "licence list"),
    (["license", "imprt"], "licence import"), (["site", "shwo", "plant-7"], "site show"), (["help", "snyc"], "sync"),
    (["imort", "/media/stick"], "import"), (["configure"], "setup"),
  ])
  func `the nearest word is suggested`(_ arguments: [String], _ meant: String) {
    let objection = words.objection(to: arguments)
    #expect(objection?.remedy.contains("Did you mean 'kscmirror \(meant)'?") == true, "\(objection?.remedy ?? "none")")
  }

  @Test func `a word that is near to none is reported with what there is`() {
    #expect(words.objection(to: ["xyzzy-plugh"])?.remedy == "'kscmirror --help' lists all commands.")
    let inner = words.objection(to: ["site", "xyzzy-plugh"])
    #expect(inner?.message == "'kscmirror site' has no 'xyzzy-plugh'" && inner?.remedy == "It has list, show.")
  }

  @Test func `an option of a command before it is put behind it`() {
    #expect(words.objection(to: ["--quiet", "sync"])?.remedy.contains("'kscmirror sync --quiet'") == true)
    #expect(words.objection(to: ["--config=/x", "pack"])?.remedy.contains("'kscmirror pack --config'") == true)
    #expect(words.objection(to: ["--json"])?.remedy.contains("'kscmirror COMMAND --json'") == true)
  }
}
