import Foundation
import MirrorTypes
import StrictJSON
import SystemPackage
import TestSupport
import Testing

@testable import Trust

/// A public key as metadata would list it.
func publicKey(_ type: String, _ scheme: String, _ material: String, id: String = "id") throws -> PublicKey {
  let value: JSONObject = [
    "keytype": .string(type), "scheme": .string(scheme), "keyval": .object(["public": .string(material)]),
  ]
  return try PublicKey(id: id, .object(value))
}

extension SigningKey {
  /// A key that is the same in every run.
  static func made(_ number: Int) -> SigningKey {
    let seed = (0..<32).map { UInt8(truncatingIfNeeded: number >> (8 * ($0 % 4))) ^ UInt8($0) }
    guard let key = SigningKey(seed: seed) else { preconditionFailure("any 32 bytes are a seed") }
    return key
  }

  /// Its public part.
  func publicKey(id: String? = nil) throws -> PublicKey { try PublicKey(id: id ?? self.id, .object(publicObject)) }
}

@Suite struct PublicKeyTests {
  // MARK: - Ed25519

  /// All spellings of the points of small order: y, least byte first, with either sign of x.
  private static let smallOrder = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  ]

  @Test(arguments: smallOrder) func `a key of small order, for which anybody can sign, is refused`(key: String) throws {
    let signed =
      key.dropLast(2) + (key.hasSuffix("7f") ? "ff" : String(Int(key.suffix(2), radix: 16)! | 0x80, radix: 16))
    for spelling in [key, key.uppercased(), String(signed)] {
      let error = #expect(throws: MetadataProblem.self) { try publicKey("ed25519", "ed25519", spelling) }
      #expect(error?.description.contains("small order") == true)
    }
  }

  @Test(arguments: smallOrder) func `a root that lists a key of small order is refused, also if no role has it`(
    key: String
  ) throws {
    var repository = MadeRepository()
    repository.edits[.root] = { root in
      var keys = root["keys"]?.object ?? [:]
      keys["zero"] = .object([
        "keytype": "ed25519", "scheme": "ed25519", "keyval": .object(["public": .string(key)]),
      ])
      root["keys"] = .object(keys)
    }
    repository.publishRoot()
    let bytes = try #require(repository.files["2.root.json"])
    #expect(throws: MetadataProblem.self) { try RootMetadata(SignedMetadata(parsing: bytes).signed) }
    #expect(throws: Never.self) {
      try RootMetadata(SignedMetadata(parsing: #require(repository.files["1.root.json"])).signed)
    }
  }

  struct Vector: Sendable {
    let seed: String
    let publicKey: String
    let message: String
    let signature: String
  }

  /// RFC 8032, section 7.1.
  static let vectors = [
    Vector(
      seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
      message: "",
      signature: "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        + "d25bf5f0595bbe24655141438e7a100b"
    ),
    Vector(
      seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
      message: "72",
      signature: "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        + "387b2eaeb4302aeeb00d291612bb0c00"
    ),
    Vector(
      seed: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      publicKey: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
      message: "af82",
      signature: "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        + "4a7c15e9716ed28dc027beceea1ec40a"
    ),
  ]

  @Test(arguments: vectors)
  func `the vectors of RFC 8032 are signed and verified`(_ vector: Vector) throws {
    let key = try #require(Hexadecimal.bytes(vector.seed).flatMap { SigningKey(seed: $0) })
    let message = try #require(Hexadecimal.bytes(vector.message))
    let signature = try #require(Hexadecimal.bytes(vector.signature))
    #expect(key.publicObject["keyval"]?.object?["public"] == .string(vector.publicKey))
    #expect(try key.signature(for: message) == signature)
    let verifier = try publicKey("ed25519", "ed25519", vector.publicKey)
    #expect(verifier.isValid(signature, for: message))
    #expect(try publicKey("ed25519", "ed25519", vector.publicKey.uppercased()).isValid(signature, for: message))
    #expect(!verifier.isValid(signature, for: message + [0]))
    for bit in stride(from: 0, to: 512, by: 7) {
      var changed = signature
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(!verifier.isValid(changed, for: message))
    }
  }

  @Test func `signatures of any other length are wrong`() throws {
    let key = SigningKey.made(1)
    let signature = try key.signature(for: [1])
    let verifier = try key.publicKey()
    for count in 0...130 where count != 64 {
      #expect(!verifier.isValid(Array((signature + signature + signature).prefix(count)), for: [1]))
    }
  }

  @Test func `a key's identifier is that of its canonical form`() throws {
    // As any other implementation of TUF computes it.
    let key = try #require(Hexadecimal.bytes(Self.vectors[0].seed).flatMap { SigningKey(seed: $0) })
    let canonical =
      "{\"keytype\":\"ed25519\",\"keyval\":{\"public\":\"\(Self.vectors[0].publicKey)\"},\"scheme\":\"ed25519\"}"
    #expect(key.id == NamedHash.hex("sha256", of: Array(canonical.utf8)))
  }

  @Test func `seeds have 32 bytes`() {
    for count in [0, 1, 31, 33, 64] { #expect(SigningKey(seed: [UInt8](repeating: 1, count: count)) == nil) }
    #expect(SigningKey().id != SigningKey().id)
  }

  // MARK: - Keys of the openssl command

  /// A key and a signature of it over a file, both in a folder.
  private func signed(_ make: [[String]], _ options: [String], in folder: TemporaryFolder) throws -> (String, [UInt8]) {
    for arguments in make { try Command.run("openssl", arguments) }
    try Data("message".utf8).write(to: URL(fileURLWithPath: folder["message"].string))
    try Command.run(
      "openssl",
      ["dgst", "-sha256", "-sign", folder["key"].string, "-out", folder["signature"].string] + options
        + [folder["message"].string]
    )
    let pem = try String(contentsOfFile: folder["public"].string, encoding: .utf8)
    return (pem, Array(try Data(contentsOf: URL(fileURLWithPath: folder["signature"].string))))
  }

  private func expectOnly(_ key: PublicKey, _ signature: [UInt8]) {
    let message = Array("message".utf8)
    #expect(key.isSupported)
    #expect(key.isValid(signature, for: message))
    #expect(!key.isValid(signature, for: message + message))
    #expect(!key.isValid(signature, for: []))
    #expect(!key.isValid([], for: message))
    #expect(!key.isValid(signature + [0], for: message))
    #expect(!key.isValid(signature.dropLast(), for: message))
    for place in signature.indices {
      var changed = signature
      changed[place] ^= 0x10
      #expect(!key.isValid(changed, for: message), "byte \(place)")
    }
  }

  static let opensslIsThere = Command.path(of: "openssl") != nil
  static let absence: Comment = "needs openssl (apt install openssl)"

  @Test(.enabled(if: opensslIsThere, absence))
  func `an ECDSA key of openssl verifies, and nothing that was changed`() throws {
    let folder = TemporaryFolder()
    let (pem, signature) = try signed(
      [
        ["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", folder["key"].string],
        ["ec", "-in", folder["key"].string, "-pubout", "-out", folder["public"].string],
      ],
      [],
      in: folder
    )
    for type in ["ecdsa", "ecdsa-sha2-nistp256"] {
      expectOnly(try publicKey(type, "ecdsa-sha2-nistp256", pem), signature)
    }
    for (type, scheme) in [("ecdsa", "ecdsa-sha2-nistp384"), ("ed25519", "ed25519"), ("rsa", "rsassa-pss-sha256")] {
      let other = try publicKey(type, scheme, pem)
      #expect(!other.isSupported)
      #expect(!other.isValid(signature, for: Array("message".utf8)))
    }
  }

  @Test(.enabled(if: opensslIsThere, absence))
  func `an RSA-PSS key of openssl verifies, and nothing that was changed`() throws {
    let folder = TemporaryFolder()
    let make = [
      ["genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", folder["key"].string],
      ["pkey", "-in", folder["key"].string, "-pubout", "-out", folder["public"].string],
    ]
    let options = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"]
    let (pem, signature) = try signed(make, options, in: folder)
    let key = try publicKey("rsa", "rsassa-pss-sha256", pem)
    expectOnly(key, signature)
    // Another padding is refused.
    let (_, plain) = try signed([], [], in: folder)
    #expect(!key.isValid(plain, for: Array("message".utf8)))
  }

  // MARK: - Keys that verify nothing

  @Test(
    arguments: [
      ("ed25519", "ed25519", ""), ("ed25519", "ed25519", "00"), ("ed25519", "ed25519", "zz"),
      ("ed25519", "ed25519", String(repeating: "0", count: 66)),
      ("ed25519", "ed25519ph", String(repeating: "0", count: 64)),
      ("ecdsa", "ecdsa-sha2-nistp256", ""), ("ecdsa", "ecdsa-sha2-nistp256", "-----BEGIN PUBLIC KEY-----"),
      ("ecdsa", "ecdsa-sha2-nistp256", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"),
      ("rsa", "rsassa-pss-sha256", "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n"),
      ("rsa", "rsassa-pss-sha256", "\u{0}"), ("rsa", "rsa-pkcs1v15-sha256", ""), ("post-quantum", "new", "abc"),
      ("", "", ""),
    ]
  )
  func `an unknown or malformed key verifies nothing`(_ type: String, _ scheme: String, _ material: String) throws {
    let key = try publicKey(type, scheme, material)
    #expect(!key.isSupported)
    for count in [0, 1, 64, 72, 256] { #expect(!key.isValid([UInt8](repeating: 0, count: count), for: [])) }
  }

  @Test(
    arguments: [
      "1", "[]", "{}", #"{"keytype":"a","scheme":"b"}"#, #"{"keytype":"a","keyval":{}}"#,
      #"{"scheme":"a","keyval":{}}"#, #"{"keytype":1,"scheme":"a","keyval":{}}"#,
      #"{"keytype":"a","scheme":"a","keyval":"00"}"#,
    ]
  )
  func `a key of the wrong form is refused`(_ json: String) throws {
    let value = try JSONValue(parsing: Array(json.utf8))
    #expect(throws: MetadataProblem.self) { try PublicKey(id: "id", value) }
  }

  @Test func `a key is the same however it is spelt`() throws {
    let key = SigningKey.made(3)
    let hex = try #require(key.publicObject["keyval"]?.object?["public"]?.string)
    let same = try [hex, hex.uppercased()].map { try publicKey("ed25519", "ed25519", $0, id: $0) }
    #expect(Set(same).count == 1)
    let other = try #require(SigningKey.made(4).publicObject["keyval"]?.object?["public"]?.string)
    #expect(try publicKey("ed25519", "ed25519", other) != same[0])
    // Keys that verify nothing are told apart by what they say.
    let unknown = try [("a", "b", "c"), ("a", "b", "C"), ("a", "x", "c"), ("x", "b", "c")].map {
      try publicKey($0, $1, $2)
    }
    #expect(Set(unknown).count == 4)
  }

  @Test(.enabled(if: opensslIsThere, absence))
  func `a key is the same however its PEM is broken into lines`() throws {
    let folder = TemporaryFolder()
    try Command.run(
      "openssl",
      ["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", folder["key"].string]
    )
    let pem = try Command.run("openssl", ["ec", "-in", folder["key"].string, "-pubout"])
    let spellings = [pem, pem + "\n", pem.replacingOccurrences(of: "\n", with: "\r\n"), String(pem.dropLast())]
    var keys = try spellings.map { try publicKey("ecdsa", "ecdsa-sha2-nistp256", $0) }.filter(\.isSupported)
    keys.append(try publicKey("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", pem))
    #expect(keys.count >= 2)
    #expect(Set(keys).count == 1)
  }
}

// MARK: - Wycheproof

/// The vectors of C2SP/wycheproof, in the folder that the environment variable `KSCMIRROR_WYCHEPROOF` names.
@Suite(.enabled(if: Wycheproof.folder != nil, "KSCMIRROR_WYCHEPROOF does not name Wycheproof's testvectors_v1"))
struct WycheproofTests {
  struct File: Sendable, CustomTestStringConvertible {
    let name: String
    let keyType: String
    let scheme: String
    let valid: Int
    let invalid: Int
    var testDescription: String { name }
  }

  static let files = [
    File(name: "ed25519_test", keyType: "ed25519", scheme: "ed25519", valid: 88, invalid: 63),
    File(
      name: "ecdsa_secp256r1_sha256_test",
      keyType: "ecdsa",
      scheme: "ecdsa-sha2-nistp256",
      valid: 174,
      invalid: 310
    ),
    File(name: "rsa_pss_2048_sha256_mgf1_32_test", keyType: "rsa", scheme: "rsassa-pss-sha256", valid: 63, invalid: 45),
    File(name: "rsa_pss_3072_sha256_mgf1_32_test", keyType: "rsa", scheme: "rsassa-pss-sha256", valid: 63, invalid: 45),
    File(name: "rsa_pss_4096_sha256_mgf1_32_test", keyType: "rsa", scheme: "rsassa-pss-sha256", valid: 63, invalid: 45),
  ]

  /// The vectors on which we and the file disagree.
  private func deviations(_ file: File, expecting: (Wycheproof.Vector) -> Bool) throws -> [String] {
    var deviations: [String] = []
    for group in try Wycheproof.read(file.name).testGroups {
      let material = file.keyType == "ed25519" ? group.publicKey.pk : group.publicKeyPem
      let key = try publicKey(file.keyType, file.scheme, try #require(material))
      for vector in group.tests {
        let signature = try #require(Hexadecimal.bytes(vector.sig))
        let isValid = key.isValid(signature, for: try #require(Hexadecimal.bytes(vector.msg)))
        if isValid != expecting(vector) { deviations.append("\(vector.tcId) \(vector.result) \(vector.comment)") }
      }
    }
    return deviations
  }

  @Test(arguments: files)
  func `every valid signature verifies and no invalid one does`(_ file: File) throws {
    let vectors = try Wycheproof.read(file.name).testGroups.flatMap(\.tests)
    #expect(vectors.count { $0.result == "valid" } >= file.valid)
    #expect(vectors.count { $0.result == "invalid" } >= file.invalid)
    #expect(try deviations(file) { $0.result == "valid" } == [])
  }

  @Test func `signatures with other parameters are refused`() throws {
    let other = File(
      name: "rsa_pss_2048_sha256_mgf1sha1_20_test",
      keyType: "rsa",
      scheme: "rsassa-pss-sha256",
      valid: 0,
      invalid: 0
    )
    #expect(try deviations(other) { _ in false } == [])
    let withoutSalt = File(
      name: "rsa_pss_2048_sha256_mgf1_0_test",
      keyType: "rsa",
      scheme: "rsassa-pss-sha256",
      valid: 0,
      invalid: 0
    )
    #expect(try deviations(withoutSalt) { $0.comment.contains("changed to 32") } == [])
  }
}

/// Wycheproof's files.
enum Wycheproof {
  static let folder = ProcessInfo.processInfo.environment["KSCMIRROR_WYCHEPROOF"].map { FilePath($0) }

  struct Document: Decodable {
    let testGroups: [Group]
  }

  struct Group: Decodable {
    let publicKey: Key
    let publicKeyPem: String?
    let tests: [Vector]
  }

  struct Key: Decodable {
    let pk: String?
  }

  struct Vector: Decodable {
    let tcId: Int
    let comment: String
    let msg: String
    let sig: String
    let result: String
  }

  static func read(_ name: String) throws -> Document {
    guard let folder else { throw TestFailure("KSCMIRROR_WYCHEPROOF is not set") }
    let data = try Data(contentsOf: URL(fileURLWithPath: folder.appending("\(name).json").string))
    return try JSONDecoder().decode(Document.self, from: data)
  }
}

// MARK: - Key files

@Suite struct KeyFileTests {
  private let key = SigningKey.made(7)

  private func sealed(_ passphrase: String = "correct horse") throws -> KeyFile {
    try KeyFile(key, role: "timestamp", created: 1_795_470_000, passphrase: passphrase, cost: 16)
  }

  /// A sealed file with fields of `sealed` replaced.
  private func edited(_ edit: (inout JSONObject, inout JSONObject) -> Void) throws -> [UInt8] {
    var object = try #require(try JSONValue(parsing: sealed().serialized).object)
    var inner = try #require(object["sealed"]?.object)
    edit(&object, &inner)
    if object["sealed"] != nil { object["sealed"] = .object(inner) }
    return JSONValue.object(object).serialized
  }

  @Test func `an open key comes back`() throws {
    let file = try KeyFile(key, role: "snapshot", created: 12, passphrase: nil)
    let read = try KeyFile(parsing: file.serialized)
    #expect(!read.isSealed)
    #expect([read.role, read.id] == ["snapshot", key.id])
    #expect(read.created == 12)
    #expect(try read.unlock(passphrase: nil).seed == key.seed)
    #expect(read.serialized == file.serialized)
    #expect(file.serialized.count < KeyFile.maximumSize)
  }

  @Test func `a key sealed as for users comes back with its pass phrase only`() throws {
    let file = try KeyFile(key, role: "root", created: 12, passphrase: "größer 😀")
    let read = try KeyFile(parsing: file.serialized)
    #expect(read.isSealed)
    #expect(!String(decoding: file.serialized, as: UTF8.self).contains(Hexadecimal.digits(key.seed)))
    #expect(try read.unlock(passphrase: "größer 😀").seed == key.seed)
    #expect(throws: KeyError.wrongPassphrase) { try read.unlock(passphrase: "größer 😃") }
    let sealed = try #require(try JSONValue(parsing: file.serialized).object?["sealed"]?.object)
    #expect(sealed["n"]?.integer ?? 0 >= 1 << 17)
  }

  @Test(arguments: ["", "correct hors", "correct horse ", "Correct horse", "\u{0}correct horse", "x"])
  func `another pass phrase does not unlock`(_ passphrase: String) throws {
    let file = try KeyFile(parsing: sealed().serialized)
    #expect(throws: KeyError.wrongPassphrase) { try file.unlock(passphrase: passphrase) }
  }

  @Test func `a sealed key needs a pass phrase, and it may not be empty`() throws {
    #expect(throws: KeyError.passphraseNeeded) { try sealed().unlock(passphrase: nil) }
    #expect(throws: KeyError.emptyPassphrase) { try sealed("") }
  }

  @Test func `the same key is sealed otherwise each time`() throws {
    let files = try (1...3).map { _ in try sealed().serialized }
    #expect(Set(files).count == 3)
  }

  @Test func `no changed byte unlocks another key, or the key for another role`() throws {
    let file = try sealed().serialized
    for place in file.indices {
      for change: UInt8 in [0x01, 0x02, 0x20, 0x80] {
        var changed = file
        changed[place] ^= change
        guard let read = try? KeyFile(parsing: changed), let unlocked = try? read.unlock(passphrase: "correct horse")
        else { continue }
        // When it was made is not sealed, and digits may be of either case.
        #expect(read.role == "timestamp" && read.id == key.id && unlocked.id == key.id)
        let lowered = String(decoding: changed, as: UTF8.self).lowercased()
        let isSame = lowered == String(decoding: file, as: UTF8.self).lowercased()
        #expect(isSame || read.created != 1_795_470_000, "byte \(place)")
      }
    }
  }

  @Test func `changed ciphertext, salt, cost, role or identifier never unlocks`() throws {
    func swapped(_ value: JSONValue?, at place: Int) -> JSONValue {
      var digits = Array((value?.string ?? "").utf8)
      digits[place] = digits[place] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
      return .string(String(decoding: digits, as: UTF8.self))
    }
    var files: [[UInt8]] = []
    for place in 0..<64 { files.append(try edited { $1["salt"] = swapped($1["salt"], at: place) }) }
    // A nonce of 12 bytes, the seed of 32 and a tag of 16.
    for place in 0..<120 { files.append(try edited { $1["box"] = swapped($1["box"], at: place) }) }
    files.append(try edited { $1["n"] = 8 })
    files.append(try edited { $1["n"] = 32 })
    files.append(try edited { $1["salt"] = "" })
    for length in [0, 2, 22, 24, 54, 56, 118] {
      files.append(try edited { $1["box"] = .string(String(($1["box"]?.string ?? "").prefix(length))) })
    }
    files.append(try edited { $1["box"] = .string(($1["box"]?.string ?? "") + "00") })
    files.append(try edited { outer, _ in outer["role"] = "root" })
    files.append(try edited { outer, _ in outer["keyid"] = .string(SigningKey.made(8).id) })
    for file in files {
      let read = try KeyFile(parsing: file)
      #expect(throws: KeyError.wrongPassphrase) { try read.unlock(passphrase: "correct horse") }
    }
  }

  @Test(arguments: [-1, 0, 1, 3, 15, 17, 1 << 20 + 1, 1 << 21, 1 << 40, .max, .min] as [Int64])
  func `a cost that is no power of two, or ruinous, is refused`(_ cost: Int64) throws {
    let file = try edited { $1["n"] = .integer(cost) }
    #expect(throws: KeyError.self) { try KeyFile(parsing: file) }
  }

  @Test func `other hostile parameters are refused`() throws {
    let values: [(String, JSONValue?)] = [
      ("r", 1), ("r", 0), ("r", -8), ("r", 16), ("r", .integer(.max)), ("p", 0), ("p", 2), ("p", .integer(.max)),
      ("n", nil), ("r", nil), ("p", nil), ("n", "16"), ("kdf", "argon2id"), ("kdf", nil), ("cipher", "none"),
      ("salt", nil), ("salt", "0"), ("salt", "zz"), ("box", nil), ("box", 1), ("box", "0"),
    ]
    for (name, value) in values {
      let file = try edited { $1[name] = value }
      let error = #expect(throws: KeyError.self, "\(name)") { try KeyFile(parsing: file) }
      guard case .malformed? = error else {
        Issue.record("\(name): \(String(describing: error))")
        continue
      }
    }
    for name in ["kind", "version", "role", "keyid", "created", "sealed"] {
      let without = try edited { outer, _ in outer[name] = nil }
      #expect(throws: KeyError.self, "\(name)") { try KeyFile(parsing: without) }
      let wrong = try edited { outer, _ in if name != "sealed" { outer[name] = .null } }
      if name != "sealed" { #expect(throws: KeyError.self, "\(name)") { try KeyFile(parsing: wrong) } }
    }
    #expect(throws: KeyError.self) { try KeyFile(parsing: edited { outer, _ in outer["version"] = 2 }) }
  }

  @Test func `an open key that is not the one it says is refused`() throws {
    let file = try KeyFile(key, role: "root", created: 0, passphrase: nil)
    var object = try #require(try JSONValue(parsing: file.serialized).object)
    object["seed"] = .string(Hexadecimal.digits(SigningKey.made(8).seed))
    let other = try KeyFile(parsing: JSONValue.object(object).serialized)
    #expect(throws: KeyError.malformed("it holds another key than it says")) { try other.unlock(passphrase: nil) }
    for seed in ["", "00", String(repeating: "0", count: 66), String(repeating: "g", count: 64)] {
      object["seed"] = .string(seed)
      #expect(throws: KeyError.self) { try KeyFile(parsing: JSONValue.object(object).serialized) }
    }
  }

  @Test(arguments: ["", "{}", "[]", "key", "{\"kind\":\"kscmirror private key\"}", "-----BEGIN PRIVATE KEY-----"])
  func `is no key file`(_ text: String) {
    let error = #expect(throws: KeyError.self) { try KeyFile(parsing: Array(text.utf8)) }
    #expect(error?.description.hasPrefix("this is not a key file: ") == true)
  }
}

// MARK: - Fingerprints

@Suite struct FingerprintTests {
  private let fingerprint = Fingerprint(of: Array("abc".utf8))
  private let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

  @Test func `is the SHA-256 in groups of four digits`() {
    #expect(fingerprint.digest.hex == hex)
    #expect(fingerprint.groups.count == 16)
    #expect(fingerprint.description.hasPrefix("ba78 16bf 8f01 "))
    #expect(fingerprint.lines.count == 2)
    #expect(fingerprint.lines.joined(separator: " ") == fingerprint.description)
  }

  @Test func `is read as people write it`() {
    let pairs = stride(from: 0, to: 64, by: 2).map { hex.dropFirst($0).prefix(2) }
    for text in [
      hex, hex.uppercased(), fingerprint.description, fingerprint.lines.joined(separator: "\n"),
      pairs.joined(separator: ":"), pairs.joined(separator: "-").uppercased(), "  \(hex)\r\n", "\u{A0}\t\(hex)",
      hex.map { "\($0) :- " }.joined(),
    ] { #expect(Fingerprint(text) == fingerprint, "\(text)") }
  }

  @Test func `anything else is none`() {
    let fullWidth = "\u{FF42}" + hex.dropFirst()
    for text in [
      "", " ", String(hex.dropLast()), hex + "0", hex + hex, "0x" + hex, "g" + hex.dropFirst(), "sha256:" + hex,
      hex.dropLast(2) + "..", fullWidth, hex + "\u{0}", hex + "\u{301}", "+" + hex.dropFirst(),
    ] { #expect(Fingerprint(text) == nil, "\(text)") }
  }
}
