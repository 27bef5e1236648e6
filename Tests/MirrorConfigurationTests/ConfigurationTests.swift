import MirrorConfiguration
import SystemPackage
import TestSupport
import Testing

@Suite struct ConfigurationTests {
  private func read(_ text: String) throws(ConfigurationError) -> Configuration {
    try Configuration(parsing: text, from: "/etc/kscmirror/kscmirror.toml")
  }

  private func problem(_ text: String) -> ConfigurationError? {
    do { _ = try read(text) } catch { return error }
    return nil
  }

  @Test func `the smallest useful file takes every default`() throws {
    let configuration = try read("[[source]]\nname = \"k\"\nkind = \"kaspersky\"\n")
    #expect(configuration.store == "/var/lib/kscmirror")
    #expect(configuration.keep == 5)
    #expect(configuration.parcels.keep == 10 && configuration.parcels.keepFor == 90 * 86_400)
    let source = try #require(configuration.sources.first)
    guard case .kaspersky(let tree) = source.kind else { throw TestFailure("not kaspersky") }
    #expect(tree.servers.count == 20)
    #expect(tree.servers.last?.url == "https://s19.upd.kaspersky.com")
    #expect(!source.transport.allowHTTP)
    #expect(!tree.diffs)
  }

  @Test func `the language is one of three, and the nearest of another text is named`() throws {
    #expect(try read("").language == .english)
    #expect(try read("language = \"es\"").language == .spanish)
    #expect(try read("language = \"ru\"").language == .russian)
    for (text, nearest) in [("Español", "; did you mean \"es\"?"), ("ru_RU", "; did you mean \"ru\"?"), ("de", "")] {
      let error = try #require(problem("keep = 3\nlanguage = \"\(text)\"\n"))
      #expect(error.line == 2 && "\(error)".contains("has to be \"en\", \"es\" or \"ru\""), "\(error)")
      #expect("\(error)".hasSuffix("\(text)\"\(nearest)"), "\(error)")
    }
  }

  @Test func `every key is read`() throws {
    let configuration = try read(
      """
      store = "store"
      keep = 7
      keep_parcels = 3
      keep_parcels_for = "2d"
      [sync]
      shrink_limit = 10
      strict = true
      walks = 2
      [pack]
      output = "/media/stick"
      volume_size = "1.5GiB"
      compression_level = 10
      threads = 3
      [[source]]
      name = "kaspersky"
      kind = "kaspersky"
      servers = ["https://a.example/", { url = "https://b.example", weight = 3 }]
      indexes = ["index/u1901g.xml"]
      components = ["KDB", "KSN"]
      applications = ["KES 21.[4-9]"]
      os = ["Win"]
      architectures = ["x64"]
      languages = ["en"]
      patches = true
      diffs = true
      ca = "ca.pem"
      bandwidth = "2MiB/s"
      bandwidth_hours = [{ from = "08:00", to = "18:00", limit = "500KiB/s" }]
      stall_timeout = "2m"
      proxy = "http://proxy.example:3128"
      proxy_user = 'CORP\\bob'
      proxy_auth = "negotiate"
      [[source]]
      name = "packages"
      kind = "files"
      allow_http = true
      [[source.files]]
      url = "http://c.example/a.exe"
      path = "kes/a.exe"
      size = 12
      sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
      """
    )
    #expect(configuration.parcels.keep == 3 && configuration.parcels.keepFor == 2 * 86_400)
    #expect(configuration.store == "/etc/kscmirror/store")
    #expect(configuration.sync.shrinkLimit == 10)
    #expect(configuration.sync.strict)
    #expect(configuration.sync.walks == 2)
    #expect(configuration.pack.volumeSize == 3 << 29)
    let source = configuration.sources[0]
    guard case .kaspersky(let tree) = source.kind else { throw TestFailure("not kaspersky") }
    #expect(tree.servers.map(\.url) == ["https://a.example", "https://b.example"])
    #expect(tree.servers.map(\.weight) == [1, 3])
    #expect(tree.patches && tree.diffs)
    #expect(source.transport.ca == "/etc/kscmirror/ca.pem")
    #expect(source.transport.bandwidth == 2 << 20)
    let hours = try #require(source.transport.bandwidthHours.first)
    #expect([hours.from, hours.to, Int(hours.limit)] == [480, 1080, 500 << 10])
    #expect(source.transport.stallTimeout == 120)
    #expect(source.transport.proxyUser == "CORP\\bob" && source.transport.proxyAuth == .negotiate)
    guard case .files(let files) = configuration.sources[1].kind else { throw TestFailure("not files") }
    #expect(files.first?.path.string == "kes/a.exe")
    #expect(files.first?.size == 12)
  }

  @Test(
    arguments: [
      ("stor = \"x\"", "did you mean 'store'?"),
      ("[pack]\nvolume_sice = 1", "in [pack]: unknown key 'volume_sice'; did you mean 'volume_size'?"),
      (
        "[[source]]\nname = \"k\"\nkind = \"kaspersky\"\ncomponent = [\"KDB\"]",
        ":4: in source \"k\": unknown key 'component'; did you mean 'components'?"
      ),
      ("[[source]]\nname = \"k\"\nkind = \"kasperski\"", "did you mean 'kaspersky'?"),
      ("[[source]]\nkind = \"kaspersky\"", "'name' is missing"),
      ("keep = \"five\"", "'keep' has to be a whole number"),
      ("keep = 0", "'keep' has to be from 1 to 10000"),
      ("store = ", "is not TOML (line 1)"),
      ("[[source]]\nname = \"k\"\nkind = \"kaspersky\"\nservers = [\"http://x\"]", "is not https"),
      ("[[source]]\nname = \"k\"\nkind = \"kaspersky\"\nservers = [\"ftp://x\"]", "has to be an https:// address"),
      ("[[source]]\nname = \"k\"\nkind = \"kaspersky\"\nindexes = [\"../x\"]", "would leave the root"),
      (
        "[[source]]\nname = \"k\"\nkind = \"files\"\n[[source.files]]\nurl = \"https://x/a\"\npath = \"a/Aux.deb\"",
        "'path' cannot be used: path \"a/Aux.deb\" has the part \"Aux.deb\", a name that Windows keeps for a device"
      ),
      ("[[source]]\nname = \"k\"\nkind = \"kaspersky\"\nindexes = [\"con/x.xml\"]", "Windows keeps for a device"),
      ("[[source]]\nname = \"k\"\nkind = \"kaspersky\"\nproxy_auth = \"nltm\"", "did you mean 'ntlm'?"),
      ("[[source]]\nname = \"k\"\nkind = \"kaspersky\"\nproxy_user = \"bob\"", "'proxy' is missing"),
      (
        "[[source]]\nname = \"k\"\nkind = \"kaspersky\"\nproxy = \"http://p\"\nproxy_password_file = \"p\"",
        "'proxy_user' is missing"
      ),
      ("[[source]]\nname = \"../k\"\nkind = \"kaspersky\"", "letters, digits"),
      ("[[source]]\nname = \"k\"\nkind = \"files\"", "'files' is missing"),
      ("[[source]]\nname = \"k\"\nkind = \"kaspersky\"\nclient_key = \"k.pem\"", "'client_certificate' is missing"),
      (
        "[[source]]\nname = \"k\"\nkind = \"kaspersky\"\n[[source]]\nname = \"k\"\nkind = \"kaspersky\"",
        "used by two sources"
      ),
      ("[pack]\nvolume_size = \"big\"", "a size such as"),
    ]
  )
  func `a wrong file is refused with the place and the remedy`(_ text: String, _ expected: String) throws {
    let error = try #require(problem(text))
    #expect(error.description.contains(expected), "\(error)")
    #expect(error.description.hasPrefix("/etc/kscmirror/kscmirror.toml"))
  }

  @Test(
    arguments: [
      ("3.9GiB", 4_187_593_113), ("4GB", 4_000_000_000), ("17", 17), ("1k", 1000), ("1 MiB", 1 << 20), ("0", 0),
    ] as [(String, Int64)]
  )
  func `sizes are read with their units`(_ text: String, _ bytes: Int64) {
    #expect(Quantity.bytes(text) == bytes)
  }

  @Test(arguments: ["", "GiB", "-1", "1.2.3M", "9e9", "1XB", "99999999999T"])
  func `what is no size is refused`(_ text: String) { #expect(Quantity.bytes(text) == nil) }
}
