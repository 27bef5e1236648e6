import MirrorConfiguration
import SystemPackage
import Testing
import UpdateIndex

@testable import SetupPlan

/// What a setup decides without touching anything.
@Suite struct SetupDeciderTests {
  // MARK: - Configurations

  static let answers: [SetupAnswers] = [
    SetupAnswers(.connected),
    SetupAnswers(.connected, store: "/data/k s\"c\\m", output: "/media/stick", products: ["A_1"]),
    SetupAnswers(.connected, output: "/srv/out", products: ["A_1", "B_*", "C"], components: ["KDB", "KSN"]),
    SetupAnswers(
      .connected,
      output: "/media/ключ",
      components: ["KDB"],
      servers: ["https://a.example", "https://b.example/tree"],
      authorities: "/etc/ssl/own.pem",
      proxy: "http://proxy:3128"
    ),
    SetupAnswers(.isolated, site: "plant-7"),
    SetupAnswers(.isolated, store: "/data/mirror"),
  ]

  @Test(arguments: answers)
  func `a configuration that is written is read again as it was answered`(_ answers: SetupAnswers) throws {
    let text = ConfigurationText.of(answers)
    let read = try Configuration(parsing: text, from: "/x.toml")
    #expect(read.store == answers.store && read.site == answers.site && read.pack.output == answers.output, "\(text)")
    #expect(read.sources.count == (answers.side == .connected ? 1 : 0))
    for source in read.sources {
      guard case .kaspersky(let tree) = source.kind else {
        Issue.record("\(source.kind)")
        continue
      }
      #expect(tree.products == answers.products && tree.components == answers.components)
      #expect(source.transport.proxy == answers.proxy && source.transport.ca == answers.authorities)
      if !answers.servers.isEmpty { #expect(tree.servers.map(\.url) == answers.servers) }
    }
    #expect(text.hasSuffix("\n") && text.split(separator: "\n").allSatisfy { $0.count <= 120 }, "\(text)")
  }

  @Test func `a text in a configuration can hold anything`() throws {
    for text in ["", "a\"b", "\\", "a\nb\tc", "\u{7F}", "größe", "a#b", "[x]"] {
      let read = try Configuration(parsing: "store = \(ConfigurationText.quoted("/" + text))\n", from: "/x.toml")
      #expect(read.store == FilePath("/" + text), "\(text.debugDescription)")
    }
  }

  // MARK: - Products

  private static let catalogue = try! ProductCatalogue(
    parsing: Array(
      """
      <?xml version="1.0"?><root>
      \(["LinuxServer_12_0", "LinuxServer_12_3", "WindowsEndpoint_12", "SecurityCenter_15"].map {
        "<element><name>\($0)</name><version>1</version><component>KDB</component></element>"
      }.joined())
      </root>
      """.utf8
    )
  )

  @Test(arguments: [
    ("1", [0]), ("1 3", [0, 2]), ("2,2, 1", [1, 0]), ("all", [0, 1, 2, 3]), ("2-4", [1, 2, 3]), ("", []),
    ("ALL", [0, 1, 2, 3]),
  ])
  func `numbers name places in a list`(_ text: String, _ places: [Int]) {
    #expect(ProductSearch.numbers(text, of: 4) == places)
  }

  @Test(arguments: ["0", "5", "x", "1-", "-1", "3-2", "1-9", "1 two", "1-2-3"])
  func `what is no number of the list is asked for again`(_ text: String) {
    #expect(ProductSearch.numbers(text, of: 4) == nil)
  }

  @Test func `products are searched until nothing more is wanted`() throws {
    let person = ScriptedTerminal("linux 12", "9", "2", "linuxserver", "", "secrity", "Center", "all", "")
    let chosen = try ProductSearch(catalogue: Self.catalogue, terminal: person).run()
    #expect(chosen == ["LinuxServer_12_3", "SecurityCenter_15"], "\(person.text)")
    #expect(person.text.contains("Type numbers from 1 to 2"))
    #expect(person.text.contains("No product has 'secrity' in its name"))
  }

  @Test func `everything is mirrored only by somebody who says so`() throws {
    #expect(try ProductSearch(catalogue: Self.catalogue, terminal: ScriptedTerminal("", "y")).run() == [])
    let person = ScriptedTerminal("", "n", "window", "1", "")
    #expect(try ProductSearch(catalogue: Self.catalogue, terminal: person).run() == ["WindowsEndpoint_12"])
    #expect(throws: SetupInterrupted.self) {
      try ProductSearch(catalogue: Self.catalogue, terminal: ScriptedTerminal("linux")).run()
    }
  }

  // MARK: - Questions

  private func interview(
    _ side: SetupAnswers.Side,
    _ terminal: ScriptedTerminal?,
    host: String = "srv-mir",
    media: [FilePath] = [],
    _ change: (inout SetupWishes) -> Void = { _ in }
  ) -> SetupInterview {
    var wishes = SetupWishes(side, file: "/etc/kscmirror/kscmirror.toml")
    change(&wishes)
    return SetupInterview(wishes: wishes, terminal: terminal, hostName: host, media: media)
  }

  @Test func `what nobody is asked is as usual`() throws {
    #expect(try interview(.connected, nil).answers() == SetupAnswers(.connected, output: "/media/stick"))
    #expect(try interview(.isolated, nil).answers() == SetupAnswers(.isolated, site: "srv-mir"))
    #expect(try interview(.isolated, nil, host: "-bad").answers() == SetupAnswers(.isolated))
    #expect(try interview(.connected, nil, media: ["/run/media/a/KEY"]).answers().output == "/run/media/a/KEY")
  }

  @Test func `only what no option says is asked, and again until the answer can be used`() throws {
    let person = ScriptedTerminal("relative", "/data", "-plant", "plant-7")
    #expect(
      try interview(.isolated, person).answers() == SetupAnswers(.isolated, store: "/data", site: "plant-7")
    )
    #expect(person.text.contains("A whole path") && person.text.contains("begin with a letter or digit"))
    let silent = ScriptedTerminal()
    let wished = interview(.isolated, silent) {
      $0.store = "/data"
      $0.site = "a"
    }
    #expect(try wished.answers() == SetupAnswers(.isolated, store: "/data", site: "a") && silent.text.isEmpty)
    let proxied = ScriptedTerminal("", "", "proxy", "http://proxy:3128")
    #expect(try interview(.connected, proxied).answers().proxy == "http://proxy:3128")
    #expect(throws: SetupInterrupted.self) { try interview(.isolated, ScriptedTerminal("/data")).answers() }
  }

  @Test func `timers are switched on by wish, or by a person's yes where systemd runs`() throws {
    let stick = ServiceUnits(answers: SetupAnswers(.connected, output: "/media/stick"))
    let isolated = ServiceUnits(answers: SetupAnswers(.isolated))
    func wants(_ timer: Bool?, _ person: ScriptedTerminal?, _ units: ServiceUnits, systemd: Bool = true) throws -> Bool
    {
      try interview(.connected, person) { $0.timer = timer }.wantsTimers(units, hasSystemd: systemd)
    }
    #expect(try wants(true, nil, stick) && !wants(false, ScriptedTerminal("y"), stick) && !wants(nil, nil, stick))
    #expect(try wants(nil, ScriptedTerminal("y"), stick) && wants(nil, ScriptedTerminal(""), stick))
    #expect(try !wants(nil, ScriptedTerminal("n"), stick) && !wants(true, nil, isolated))
    #expect(try !wants(nil, ScriptedTerminal("y"), stick, systemd: false))
    #expect(try wants(true, nil, stick, systemd: false), "who wants it hears that it cannot be")
  }

  // MARK: - Units

  @Test func `units learn of a store and an outbox elsewhere, and of nothing else`() {
    func units(_ store: FilePath = "/var/lib/kscmirror", _ output: FilePath?) -> ServiceUnits {
      ServiceUnits(answers: SetupAnswers(.connected, store: store, output: output))
    }
    #expect(units("/var/lib/kscmirror", "/media/stick").dropIns.isEmpty)
    #expect(units("/var/lib/kscmirror", "/var/lib/kscmirror-outbox").dropIns.isEmpty)
    #expect(units("/var/lib/kscmirror", "/media/stick").timers == ["kscmirror-sync.timer"])
    #expect(
      units("/var/lib/kscmirror", ServiceUnits.outbox).timers == ["kscmirror-sync.timer", "kscmirror-pack.timer"]
    )
    let elsewhere = units("/data/my store", "/srv/out 100%").dropIns
    #expect(elsewhere.map(\.path) == ["kscmirror-.service.d/store.conf", "kscmirror-pack.service.d/outbox.conf"])
    #expect(elsewhere[0].text.hasSuffix("[Service]\nReadWritePaths=\"/data/my store\"\n"))
    #expect(elsewhere[1].text.contains("Environment=\"OUTBOX=/srv/out 100%%\"\nReadWritePaths=\"/srv/out 100%%\"\n"))
    #expect(
      ServiceUnits(answers: SetupAnswers(.isolated, store: "/data")).dropIns.map(\.path) == [
        "kscmirror-.service.d/store.conf"
      ]
    )
  }

  // MARK: - What comes next

  @Test func `the next commands can be pasted as they are`() {
    func next(_ side: SetupAnswers.Side, _ file: FilePath, _ owner: String?, _ media: [FilePath] = []) -> [String] {
      NextStep(answers: SetupAnswers(side), file: file, user: "root", owner: owner, media: media).commands
    }
    let usual = Configuration.defaultFile
    #expect(next(.connected, usual, "root") == ["kscmirror sync", "kscmirror pack"])
    #expect(next(.connected, usual, nil) == ["kscmirror sync", "kscmirror pack"])
    #expect(next(.connected, usual, "kscmirror").first == "sudo -u kscmirror kscmirror sync")
    #expect(
      next(.isolated, "/tmp/it's.toml", "root", ["/media/my key"])
        == [
          "kscmirror trust add '/media/my key' --config '/tmp/it'\\''s.toml'",
          "kscmirror import '/media/my key' --config '/tmp/it'\\''s.toml'",
        ]
    )
  }
}
