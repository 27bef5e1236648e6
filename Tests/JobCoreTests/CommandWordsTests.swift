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

  @Test(arguments: [
    ("--out", "--output"), ("--outptu", "--output"), ("--sit", "--site"), ("--stroe", "--store"),
    ("--force", "--overwrite"),
    ("--dryrun", "--dry-run"), ("--dry_run", "--dry-run"), ("--silent", "--quiet"), ("--full-evry=3", "--full-every"),
  ])
  func `the nearest option is suggested`(_ typed: String, _ meant: String) {
    let known = [
      "-o", "--output", "--site", "--store", "--overwrite", "--dry-run", "--quiet", "--full", "--full-every", "--fit",
    ]
    let objection = CommandWords.objection(toOption: typed, of: ["kscmirror", "pack"], known: known)
    #expect(objection.remedy.hasPrefix("Did you mean '\(meant)'? 'kscmirror pack --help'"), "\(objection.remedy)")
  }

  @Test func `an option that is near to none gets no suggestion that has nothing in common with it`() {
    let objection = CommandWords.objection(
      toOption: "--zigzag",
      of: ["kscmirror", "sync"],
      known: ["--store", "--source"]
    )
    #expect(objection.message == "'kscmirror sync' has no option '--zigzag'")
    #expect(objection.remedy == "'kscmirror sync --help' lists all options.")
  }

  @Test func `the words before options lead to the command`() {
    #expect(words.path(in: ["license", "list", "--csv"]) == ["kscmirror", "licence", "list"])
    #expect(words.path(in: ["pack", "/media/stick", "--out"]) == ["kscmirror", "pack"])
  }
}
