import Crypto
import MirrorTypes
import StrictJSON
import Synchronization
import TestSupport
import Testing

@testable import Trust

/// How a client finds files in delegated roles.
@Suite struct DelegationTests {
  private static let key = SigningKey.made(20)

  /// One role of a made-up tree.
  struct Role: Sendable {
    let name: String
    var children: [Child] = []
    var targets: [String] = []
  }

  struct Child: Sendable {
    let name: String
    var paths: [String] = ["*"]
    var isTerminating = false
  }

  /// A repository in which roles delegate to one another; the first is the targets role.
  private func repository(_ roles: [Role]) -> MadeRepository {
    func delegations(_ children: [Child]) -> JSONObject? {
      guard !children.isEmpty else { return nil }
      return MadeRepository.delegations(
        children.map { child in
          let paths = JSONValue.array(child.paths.map(JSONValue.string))
          return (child.name, Self.key, ["paths": paths, "terminating": .bool(child.isTerminating)])
        }
      )
    }
    var repository = MadeRepository()
    for (index, role) in roles.enumerated() {
      let files = role.targets.map { MadeRepository.file($0, "\(role.name) \($0)") }
      if index == 0 {
        repository.targets = files
        repository.delegations = delegations(role.children)
      } else {
        repository.publish(role: role.name, files, delegations: delegations(role.children), by: [Self.key])
      }
    }
    repository.publish()
    return repository
  }

  /// Looks for a file, and tells which roles were asked for.
  private func search(
    _ path: String,
    _ repository: MadeRepository,
    limits: MetadataLimits = MetadataLimits()
  ) async throws -> (found: TargetFile?, visited: [String]) {
    let source = RecordingSource(repository)
    let cache = MemoryCache(files: ["root.json": repository.firstRoot])
    var client = try MetadataClient(cache: cache, source: source, now: MadeRepository.now, limits: limits)
    try await client.refresh()
    let before = source.names.all.count
    let found = try await client.target(at: path)
    let visited = source.names.all.dropFirst(before).map { $0.split(separator: ".").dropFirst().dropLast() }
    return (found, visited.map { $0.joined(separator: ".") })
  }

  struct RecordingSource: MetadataSource {
    let repository: MadeRepository
    let names = NameList()
    init(_ repository: MadeRepository) { self.repository = repository }
    func metadata(named name: String, atMost limit: Int) throws -> [UInt8]? {
      names.add(name, 1)
      return try repository.metadata(named: name, atMost: limit)
    }
  }

  // MARK: - The order of the search

  struct Graph: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let roles: [Role]
    let visited: [String]

    init(_ description: String, _ roles: [Role], _ visited: [String]) {
      testDescription = description
      self.roles = roles
      self.visited = visited
    }
  }

  private static func children(_ names: String...) -> [Child] { names.map { Child(name: $0) } }

  static let graphs = [
    Graph("none", [Role(name: "targets")], []),
    Graph(
      "in order",
      [Role(name: "targets", children: children("a", "b")), Role(name: "a"), Role(name: "b")],
      ["a", "b"]
    ),
    Graph(
      "depth first",
      [
        Role(name: "targets", children: children("a", "b")), Role(name: "a", children: children("c", "d")),
        Role(name: "b"), Role(name: "c", children: children("e")), Role(name: "d"), Role(name: "e"),
      ],
      ["a", "c", "e", "d", "b"]
    ),
    Graph(
      "a cycle",
      [
        Role(name: "targets", children: children("a")), Role(name: "a", children: children("b")),
        Role(name: "b", children: children("c")), Role(name: "c", children: children("a", "b", "c")),
      ],
      ["a", "b", "c"]
    ),
    Graph("itself", [Role(name: "targets", children: children("a")), Role(name: "a", children: children("a"))], ["a"]),
    Graph(
      "twice reached",
      [
        Role(name: "targets", children: children("a", "b")), Role(name: "a", children: children("c")),
        Role(name: "b", children: children("c")), Role(name: "c"),
      ],
      ["a", "c", "b"]
    ),
    Graph(
      "one that ends the search",
      [
        Role(name: "targets", children: [Child(name: "a", isTerminating: true), Child(name: "b")]),
        Role(name: "a", children: children("c")), Role(name: "b"), Role(name: "c"),
      ],
      ["a", "c"]
    ),
    Graph(
      "one deep inside that ends the search",
      [
        Role(name: "targets", children: children("a", "b")),
        Role(name: "a", children: [Child(name: "c", isTerminating: true), Child(name: "d")]), Role(name: "b"),
        Role(name: "c", children: children("d")), Role(name: "d"),
      ],
      ["a", "c", "d"]
    ),
    Graph(
      "one that would end the search, for other paths",
      [
        Role(name: "targets", children: [Child(name: "a", paths: ["*.py"], isTerminating: true), Child(name: "b")]),
        Role(name: "a"), Role(name: "b"),
      ],
      ["b"]
    ),
  ]

  @Test(arguments: graphs)
  func `roles are searched in order, depth first, each once`(_ graph: Graph) async throws {
    let result = try await search("missing", repository(graph.roles))
    #expect(result.found == nil)
    #expect(result.visited == graph.visited)
  }

  @Test func `the first role that lists a path wins`() async throws {
    let roles = [
      Role(name: "targets", children: Self.children("a", "b"), targets: ["t"]),
      Role(name: "a", children: Self.children("c"), targets: ["a"]), Role(name: "b", targets: ["t", "a", "b", "c"]),
      Role(name: "c", targets: ["c", "a"]),
    ]
    for (path, content) in [("t", "targets t"), ("a", "a a"), ("c", "c c"), ("b", "b b")] {
      let found = try await search(path, repository(roles)).found
      #expect(found?.mismatch(of: Array(content.utf8)) == nil && found != nil, "\(path)")
    }
  }

  @Test func `a role lists only what it is delegated all the way`() async throws {
    let roles = [
      Role(name: "targets", children: [Child(name: "a", paths: ["x/*"])]),
      Role(name: "a", children: [Child(name: "b", paths: ["x/*", "y/*"])], targets: ["x/1", "y/1"]),
      Role(name: "b", targets: ["x/2", "y/2"]),
    ]
    for (path, isFound) in [("x/1", true), ("x/2", true), ("y/1", false), ("y/2", false)] {
      #expect(try await (search(path, repository(roles)).found != nil) == isFound, "\(path)")
    }
  }

  @Test func `no more than 32 roles are searched for one file`() async throws {
    let names = (1...40).map { "r\($0)" }
    let roles =
      [Role(name: "targets", children: names.map { Child(name: $0) })]
      + names.map { Role(name: $0, targets: ["in-\($0)"]) }
    let repository = repository(roles)
    #expect(try await search("none", repository).visited == Array(names.prefix(32)))
    #expect(try await search("in-r32", repository).found != nil)
    #expect(try await search("in-r33", repository).found == nil)
  }

  // MARK: - Keys and versions

  @Test func `a role that two delegate to has to satisfy both`() async {
    let (first, second) = (SigningKey.made(31), SigningKey.made(32))
    var repository = MadeRepository()
    repository.delegations = MadeRepository.delegations([
      ("a", Self.key, ["paths": .array(["a/*"])]), ("b", Self.key, ["paths": .array(["b/*"])]),
    ])
    for (name, key) in [("a", first), ("b", second)] {
      let inner = MadeRepository.delegations([("both", key, ["paths": .array([.string("\(name)/*")])])])
      repository.publish(role: name, delegations: inner, by: [Self.key])
    }
    let files = [MadeRepository.file("a/x"), MadeRepository.file("b/x")]
    repository.publish(role: "both", files, by: [first])
    repository.publish()
    var client = MadeClient(repository)
    #expect(await client.find("a/x", in: repository) == "7")
    #expect(await client.find("b/x", in: repository) == "unknownKey both.json")
    // In one run, too, the second delegation is checked.
    var outline = ""
    do throws(TrustError) {
      var one = try MetadataClient(cache: client.cache, source: repository, now: MadeRepository.now)
      try await one.refresh()
      #expect(try await one.target(at: "a/x") != nil)
      _ = try await one.target(at: "b/x")
    } catch {
      outline = error.outline
    }
    #expect(outline == "unknownKey both.json")
    repository.publish(role: "both", version: 2, files, by: [first, second])
    repository.publish()
    #expect(await client.find("b/x", in: repository) == "7")
  }

  @Test func `a delegated role is refused for the reasons a top level one is`() async {
    var repository = repository([Role(name: "targets", children: Self.children("a")), Role(name: "a", targets: ["x"])])
    var client = MadeClient(repository)
    let genuine = repository.files["1.a.json"] ?? []
    for (bytes, outline) in [
      (genuine.dropLast() + [0], "wrongHash a.json"), (genuine.dropLast(), "wrongLength a.json"),
      (genuine + [0], "tooLarge 1.a.json \(genuine.count)"), (nil, "missing 1.a.json"),
    ] as [([UInt8]?, String)] {
      repository.files["1.a.json"] = bytes
      #expect(await client.find("x", in: repository) == outline)
      #expect(client.cache.files["a.json"] == nil)
    }
    repository.publish(role: "a", version: 2, [MadeRepository.file("x")], by: [.made(99)])
    repository.publish()
    #expect(await client.find("x", in: repository) == "unknownKey a.json")
    repository.publish(role: "a", version: 3, expires: MadeRepository.now, by: [Self.key])
    repository.publish()
    #expect(await client.find("x", in: repository) == "expired a.json 0 3")
    client.expiry = .tolerated
    #expect(await client.find("x", in: repository) == "none")
  }

  @Test func `a role that the snapshot does not list is refused`() async {
    var repository = repository([Role(name: "targets", children: Self.children("a")), Role(name: "a")])
    repository.facts["a.json"] = nil
    repository.publish()
    var client = MadeClient(repository)
    #expect(await client.find("x", in: repository) == "notListed a.json")
  }

  @Test(arguments: ["?", "#", "../x", "/x", "a b", "é", "%2F", ".."])
  func `odd names of roles stay in one name of a file`(_ name: String) async {
    let repository = repository([
      Role(name: "targets", children: Self.children(name)), Role(name: name, targets: ["x"]),
    ])
    var client = MadeClient(repository)
    #expect(await Int(client.find("x", in: repository)) != nil)
    #expect(client.cache.files.keys.allSatisfy { !$0.contains("/") && $0.utf8.allSatisfy { $0 < 0x80 } })
    #expect(client.cache.files.count == 5)
  }

  // MARK: - Digests

  private func digest(_ path: String) -> String { Hexadecimal.digits(SHA256.hash(data: Array(path.utf8))) }

  @Test func `hash prefixes choose by the digest of the path`() async {
    let path = "dir/file.txt"
    for (prefixes, isFound) in [
      ([digest(path).prefix(2)], true), (["zz", digest(path).prefix(7)], true), ([digest(path)[...]], true),
      ([""], true),
      ([digest("other").prefix(4)], false), ([], false), (["\(digest(path))0"], false),
    ] as [([Substring], Bool)] {
      for isUpper in [false, true] {
        let listed = prefixes.map { JSONValue.string(isUpper ? $0.uppercased() : String($0)) }
        var repository = MadeRepository()
        repository.delegations = MadeRepository.delegations([("a", Self.key, ["path_hash_prefixes": .array(listed)])])
        repository.publish(role: "a", [MadeRepository.file(path)], by: [Self.key])
        repository.publish()
        var client = MadeClient(repository)
        #expect(await client.find(path, in: repository) == (isFound ? "7" : "none"), "\(prefixes)")
      }
    }
  }

  private func succinct(_ bits: Int64, prefix: String = "bin") -> JSONObject {
    [
      "keys": .object([Self.key.id: .object(Self.key.publicObject)]),
      "succinct_roles": .object([
        "keyids": .array([.string(Self.key.id)]), "threshold": 1, "bit_length": .integer(bits),
        "name_prefix": .string(prefix),
      ]),
    ]
  }

  @Test(arguments: [1, 2, 3, 4, 5, 8, 11, 16, 31, 32])
  func `succinct roles choose a bin by the first bits of the digest`(bits: Int) async throws {
    var random = SeededGenerator(UInt64(bits))
    let delegations = try Delegations(.object(succinct(Int64(bits))))
    for _ in 0..<50 {
      let path = "dir/\(UInt64.random(in: .min ... .max, using: &random))"
      // By the digits of the digest as text.
      let binary = digest(path).prefix(8).map { digit in
        String(repeating: "0", count: 4) + String(digit.hexDigitValue ?? 0, radix: 2)
      }.map { $0.suffix(4) }.joined()
      let number = String(Int(binary.prefix(bits), radix: 2) ?? 0, radix: 16)
      let width = (bits + 3) / 4
      let name = "bin-" + String(repeating: "0", count: width - number.count) + number
      let roles = delegations.roles(for: path)
      #expect(roles.map(\.name) == [name])
      #expect(roles.map(\.isTerminating) == [true])
      #expect(delegations.keys(of: name)?.keyIDs == [Self.key.id])
      for wrong in ["bin-", "bin-0\(number)0000000000", "bin", name.uppercased(), "bin-+\(number)", "other-\(number)"]
      where wrong != name { #expect(delegations.keys(of: wrong) == nil, "\(wrong)") }
    }
    let path = "a/file"
    let name = try #require(delegations.roles(for: path).first?.name)
    var repository = MadeRepository()
    repository.delegations = succinct(Int64(bits))
    repository.publish(role: name, [MadeRepository.file(path)], by: [Self.key])
    repository.publish()
    var client = MadeClient(repository)
    #expect(await client.find(path, in: repository) == "7")
  }

  @Test func `bins of one digit too many are none`() throws {
    let delegations = try Delegations(.object(succinct(4)))
    for name in ["bin-0", "bin-f"] { #expect(delegations.keys(of: name) != nil) }
    for name in ["bin-10", "bin-00", "bin-F", "bin-g", "bin- 0", "bin--1"] {
      #expect(delegations.keys(of: name) == nil)
    }
  }

  // MARK: - Forms

  @Test(
    arguments: [
      #"{"roles":[]}"#, #"{"keys":{}}"#, #"{"keys":[],"roles":[]}"#, #"{"keys":{},"roles":{}}"#, "[]", "1",
      #"{"keys":{},"roles":[],"succinct_roles":{"keyids":[],"threshold":1,"bit_length":1,"name_prefix":"a"}}"#,
      #"{"keys":{},"succinct_roles":{"keyids":[],"threshold":1,"bit_length":0,"name_prefix":"a"}}"#,
      #"{"keys":{},"succinct_roles":{"keyids":[],"threshold":1,"bit_length":33,"name_prefix":"a"}}"#,
      #"{"keys":{},"succinct_roles":{"keyids":[],"threshold":0,"bit_length":3,"name_prefix":"a"}}"#,
    ]
  )
  func `delegations of the wrong form are refused`(_ json: String) throws {
    let value = try JSONValue(parsing: Array(json.utf8))
    #expect(throws: MetadataProblem.self) { try Delegations(value) }
  }

  @Test func `a delegated role of the wrong form is refused`() throws {
    let good: JSONObject = [
      "name": "a", "keyids": .array(["k"]), "threshold": 1, "terminating": true, "paths": .array([]),
    ]
    func delegations(_ roles: [JSONObject]) throws -> Delegations {
      try Delegations(.object(["keys": .object([:]), "roles": .array(roles.map(JSONValue.object))]))
    }
    #expect(try delegations([good]).roles.count == 1)
    let changes: [(String, JSONValue?)] = [
      ("name", nil), ("name", ""), ("name", 1), ("name", "root"), ("name", "targets"), ("name", "snapshot"),
      ("name", "timestamp"), ("name", .string(String(repeating: "a", count: 513))), ("keyids", nil),
      ("keyids", .array(["k", "k"])), ("keyids", .array([1])), ("threshold", 0), ("threshold", -1), ("threshold", nil),
      ("threshold", "1"), ("threshold", 1025), ("terminating", nil), ("terminating", 1), ("paths", nil), ("paths", "*"),
      ("paths", .array([1])), ("path_hash_prefixes", .array([])),
    ]
    for (name, value) in changes {
      var changed = good
      changed[name] = value
      #expect(throws: MetadataProblem.self, "\(name)") { try delegations([changed]) }
    }
    #expect(throws: MetadataProblem.self) { try delegations([good, good]) }
  }
}
