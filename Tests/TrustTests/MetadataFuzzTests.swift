import StrictJSON
import TestSupport
import Testing

@testable import Trust

/// Changes metadata and key files at random, the same way in every run: see `Fuzz`.
@Suite struct MetadataFuzzTests {
  private static let parts = 8

  // MARK: - What is changed

  /// One kind of file, and a client that waits for it.
  private struct Original {
    let bytes: [UInt8]
    let value: JSONValue
    /// Takes a file; whether it was accepted.
    let take: @Sendable ([UInt8]) -> Bool

    init(_ bytes: [UInt8]?, take: @escaping @Sendable ([UInt8]) -> Bool) throws {
      self.bytes = bytes ?? []
      value = try JSONValue(parsing: self.bytes)
      self.take = take
    }
  }

  /// The four kinds of metadata. None has its digest listed, so that its signatures alone protect it.
  private func metadata() throws -> [Original] {
    let key = SigningKey.made(30)
    var repository = MadeRepository()
    repository.targets = (1...3).map { MadeRepository.file("dir/file \($0)") }
    repository.delegations = MadeRepository.delegations([
      ("a", key, ["paths": .array(["a/*", "?[a-z]*"])]), ("b", key, ["path_hash_prefixes": .array(["0a", "ff"])]),
    ])
    repository.edits[.targets] = { $0["x-note"] = .object(["text": "é\u{1}😀", "list": .array([1, -2, true, .null])]) }
    repository.publishWithoutDigests()
    let files = repository.files
    let first = try TrustedMetadata(trustedRoot: repository.firstRoot, now: MadeRepository.now)
    var second = first
    _ = try second.take(timestamp: files["timestamp.json"] ?? [])
    var third = second
    try third.take(snapshot: files["2.snapshot.json"] ?? [])
    return try [
      Original(files["2.root.json"]) { [first] bytes in
        var client = first
        return (try? client.take(root: bytes)) != nil
      },
      Original(files["timestamp.json"]) { [first] bytes in
        var client = first
        return (try? client.take(timestamp: bytes)) != nil
      },
      Original(files["2.snapshot.json"]) { [second] bytes in
        var client = second
        return (try? client.take(snapshot: bytes)) != nil
      },
      Original(files["2.targets.json"]) { [third] bytes in
        var client = third
        return (try? client.take(targets: bytes)) != nil
      },
    ]
  }

  // MARK: - Changes

  /// With pieces that matter to the format.
  private static let mutator = Mutator(
    [
      "{", "}", "[", "]", ",", ":", "\"", "\\", " ", "\n", "\\u0000", "\\ud800", "\\ud83d\\ude00", "\u{FEFF}", "0", "-",
      "1e9", ".0", "99999999999999999999", "null", "true", "\"signed\":{},", "\"version\":2,", "\"threshold\":0,",
      "\"keyids\":[],", "\"signatures\":[],", "\"_type\":\"root\",",
    ],
    changesDigits: true
  )

  private func other(_ random: inout SeededGenerator) -> JSONValue {
    let values: [JSONValue] = [
      .null, true, false, 0, 1, 2, -1, .integer(.max), .integer(.min), "", "a", "root", "sha256", "\u{0}", "é",
      "2026-11-23T21:40:00Z", .array([]), .array([1]), .object([:]), .object(["version": 1]),
      .string(String(repeating: "0", count: 64)), .string(String(repeating: "*", count: 500)),
    ]
    return values.randomElement(using: &random) ?? .null
  }

  /// The value with one part of it changed.
  private func mutated(_ value: JSONValue, _ random: inout SeededGenerator) -> JSONValue {
    switch value {
    case .array(var values) where !values.isEmpty:
      let place = Int.random(in: values.indices, using: &random)
      switch Int.random(in: 0..<8, using: &random) {
      case 0: values.remove(at: place)
      case 1: values.append(values[place])
      case 2: values.shuffle(using: &random)
      case 3: values[place] = other(&random)
      default: values[place] = mutated(values[place], &random)
      }
      return .array(values)
    case .object(var object) where !object.members.isEmpty:
      let members = object.members
      let member = members[Int.random(in: members.indices, using: &random)]
      switch Int.random(in: 0..<12, using: &random) {
      case 0: object[member.name] = nil
      case 1: object[member.name + "x"] = member.value
      case 2: object[member.name] = other(&random)
      case 3: object[members.randomElement(using: &random)?.name ?? ""] = member.value
      default: object[member.name] = mutated(member.value, &random)
      }
      return .object(object)
    case .integer(let number):
      return .integer(number &+ ([-1, 1, 1 << 32, .max].randomElement(using: &random) ?? 1))
    case .string(let text):
      switch Int.random(in: 0..<4, using: &random) {
      case 0: return .string(text.uppercased())
      case 1: return .string(String(text.dropLast()))
      case 2: return .string(String(decoding: Self.mutator.changed(Array(text.utf8), &random), as: UTF8.self))
      default: return other(&random)
      }
    default: return other(&random)
    }
  }

  private func changed(_ bytes: [UInt8], _ value: JSONValue, _ random: inout SeededGenerator) -> [UInt8] {
    guard Bool.random(using: &random) else { return Self.mutator.changed(bytes, &random) }
    var value = value
    for _ in 0..<Int.random(in: 1...3, using: &random) { value = mutated(value, &random) }
    return value.serialized
  }

  // MARK: - Properties

  @Test(arguments: 0..<parts)
  func `no metadata is accepted whose signed part was changed`(part: Int) throws {
    let originals = try metadata()
    let signed = try originals.map { try SignedMetadata(parsing: $0.bytes).canonical }
    var (tried, accepted, readable) = (0, 0, 0)
    for trial in Fuzz.rounds("metadata, part \(part)", 15_000 / Self.parts, parts: Self.parts) {
      var random = trial.random(of: part)
      let round = trial.number
      tried += 1
      let original = originals[round % originals.count]
      let bytes = changed(original.bytes, original.value, &random)
      let read = try? SignedMetadata(parsing: bytes)
      if let read {
        readable += 1
        // Each reader sees each kind.
        _ = try? RootMetadata(read.signed)
        _ = try? TimestampMetadata(read.signed)
        _ = try? SnapshotMetadata(read.signed)
        if let targets = try? TargetsMetadata(read.signed) { _ = targets.delegations.roles(for: "a/file") }
        // What is written again has the same signed part.
        if round % 8 == 0 {
          #expect((try? SignedMetadata(parsing: read.serialized))?.canonical == read.canonical)
        }
      }
      guard original.take(bytes) else { continue }
      accepted += 1
      if read?.canonical != signed[round % originals.count] {
        Issue.record("accepted: \(String(decoding: bytes, as: UTF8.self))")
      }
    }
    // Both happen often: else the changes would be too small or too large to try anything.
    let share = tried / 75
    #expect(accepted > share)
    #expect(readable > 10 * share)
  }

  @Test(arguments: 0..<parts)
  func `no key file unlocks as another key`(part: Int) throws {
    let key = SigningKey.made(9)
    // What is sealed differs in each run, but not what is done to it.
    let files = try [nil, "pass"].map { passphrase in
      try KeyFile(key, role: "snapshot", created: 1_795_470_000, passphrase: passphrase, cost: 2).serialized
    }
    let values = try files.map { try JSONValue(parsing: $0) }
    var (tried, unlocked, refused) = (0, 0, 0)
    for trial in Fuzz.rounds("key files, part \(part)", 5000 / Self.parts, parts: Self.parts) {
      var random = trial.random(of: part)
      let round = trial.number
      tried += 1
      let bytes = changed(files[round % 2], values[round % 2], &random)
      guard let file = try? KeyFile(parsing: bytes) else {
        refused += 1
        continue
      }
      // A cost that was driven up is allowed, but not here.
      if file.isSealed, !String(decoding: bytes, as: UTF8.self).contains("\"n\":2,") { continue }
      guard let opened = try? file.unlock(passphrase: file.isSealed ? "pass" : nil) else { continue }
      unlocked += 1
      #expect(opened.id == key.id && file.id == key.id)
      #expect(!file.isSealed || file.role == "snapshot")
    }
    let share = tried / 50
    #expect(unlocked > share)
    #expect(refused > share)
  }
}
