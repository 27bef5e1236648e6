import Testing

@testable import MirrorConfiguration

/// An error names the line of the key that is wrong, also where other tables have a key of that name.
@Suite struct KeyPositionTests {
  private static let text = """
    store = "/x" # url = "of no table"
    [pack]
    output = \"\"\"
    url = "inside a text"
    \"\"\"
    [[source]]
    name = "one"
    kind = "files"
    [[source.files]]
    url = "https://a/b"
    [[source]]
    name = "two"
    kind = 'files'
    files = [
      # { url = "no" },
      "https://a/[c", { url = "https://a/d", path = "d" },
      { path = "e",
        url = "https://a/e" },
    ]
    [source.headers]
    "a.b" = 1
    c.d = "\\" = ["
    """

  @Test(
    arguments: [
      ([.key("store")], 1), ([.key("url")], nil), ([.key("pack")], 2), ([.key("pack"), .key("output")], 3),
      ([.key("source"), .element(0)], 6), ([.key("source"), .element(0), .key("name")], 7),
      ([.key("source"), .element(0), .key("files"), .element(0), .key("url")], 10),
      ([.key("source"), .element(1)], 11), ([.key("source"), .element(1), .key("kind")], 13),
      ([.key("source"), .element(1), .key("files")], 14),
      ([.key("source"), .element(1), .key("files"), .element(0)], 16),
      ([.key("source"), .element(1), .key("files"), .element(1), .key("path")], 16),
      ([.key("source"), .element(1), .key("files"), .element(2), .key("path")], 17),
      ([.key("source"), .element(1), .key("files"), .element(2), .key("url")], 18),
      ([.key("source"), .element(1), .key("headers")], 20),
      ([.key("source"), .element(1), .key("headers"), .key("a.b")], 21),
      ([.key("source"), .element(1), .key("headers"), .key("c"), .key("d")], 22),
      ([.key("source"), .element(2)], nil),
    ] as [([KeyPositions.Step], Int?)]
  )
  func `keys are found where they stand`(_ place: [KeyPositions.Step], _ line: Int?) {
    #expect(KeyPositions(in: Self.text)[place] == line)
    #expect(KeyPositions(in: Self.text.replacing("\n", with: "\r\n"))[place] == line)
  }

  @Test(
    arguments: [
      (
        "[[source]]\nname = \"one\"\nkind = \"kaspersky\"\nservers = [\"https://a\"]\nindexes = [\"i\"]\n"
          + "[[source]]\nname = \"two\"\nkind = \"kaspersky\"\nservers = [\"ftp://a\"]\nindexes = [\"i\"]\n",
        "x.toml:9: in source \"two\": 'servers'"
      ),
      (
        "[[source]]\nname = \"one\"\nkind = \"files\"\nfiles = [{ url = \"https://a/b\", path = \"b\" }]\n[[source]]\nname = \"two\"\nkind = \"files\"\n"
          + "[[source.files]]\nurl = \"https://a/b\"\npath = \"b\"\n[[source.files]]\nurl = \"ftp://a/c\"\npath = \"c\"\n",
        "x.toml:12: in source \"two\", files 2: 'url'"
      ),
      (
        "[[source]]\nname = \"one\"\nkind = \"files\"\nfiles = [{ url = \"https://a/b\", path = \"b\" }]\n[[source]]\nkind = \"files\"\n",
        "x.toml:5: in source 2: 'name' is missing"
      ),
      ("[sync]\nwalks = 3\n[pack]\nwalks = 3\n", "x.toml:4: in [pack]: unknown key 'walks'"),
    ]
  )
  func `an error names file, line and table`(_ text: String, _ words: String) {
    do throws(ConfigurationError) {
      _ = try Configuration(parsing: text, from: "x.toml")
      Issue.record("it was taken")
    } catch {
      #expect(error.description.hasPrefix(words), "\(error.description)")
    }
  }

  @Test func `a text that is cut anywhere is gone through`() {
    for length in 0...Self.text.utf8.count {
      let cut = String(decoding: Self.text.utf8.prefix(length), as: UTF8.self)
      let lines = KeyPositions(in: cut).lines.values
      #expect(lines.allSatisfy { $0 <= 1 + cut.utf8.count(where: { $0 == 10 }) })
    }
    // Deeper than anything that is read.
    #expect(KeyPositions(in: "a = " + String(repeating: "[", count: 100_000)).lines[[.key("a")]] == 1)
  }
}
