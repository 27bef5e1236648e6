import Crypto
import FoundationEssentials
import MirrorTypes
import StrictJSON

/// A private key as it lies on a disk: open, or sealed with a pass phrase (scrypt and ChaCha20-Poly1305).
///
/// kscmirror-bundle(5), section "Key files".
package struct KeyFile: Sendable {
  /// What the key is for: the name of a role.
  package let role: String
  /// The key's identifier.
  package let id: String
  /// When it was made.
  package let created: UTCTime
  private let secret: Secret

  /// The most bytes that a key file may have.
  package static let maximumSize = 16 << 10

  private enum Secret: Sendable {
    case open(seed: [UInt8])
    case sealed(Sealed)
  }

  private struct Sealed: Sendable {
    var salt: [UInt8]
    var cost: Int
    var box: [UInt8]
  }

  private static let cost = 1 << Int(KeyStretching.usualCost)
  private static let maximumCost = 1 << Int(KeyStretching.largestCost)

  /// Whether a pass phrase is needed to use it.
  package var isSealed: Bool { if case .sealed = secret { true } else { false } }

  /// Keeps a key.
  ///
  /// - Parameters:
  ///   - key: the key.
  ///   - role: what it is for.
  ///   - created: when it was made.
  ///   - passphrase: what it is sealed with; `nil` leaves it open.
  /// - Throws: ``KeyError``.
  package init(_ key: SigningKey, role: String, created: UTCTime, passphrase: String?) throws(KeyError) {
    try self.init(key, role: role, created: created, passphrase: passphrase, cost: Self.cost)
  }

  /// Keeps a key, sealed at a cost that tests choose.
  init(_ key: SigningKey, role: String, created: UTCTime, passphrase: String?, cost: Int) throws(KeyError) {
    self.role = role
    self.created = created
    id = key.id
    guard let passphrase else {
      secret = .open(seed: key.seed)
      return
    }
    guard !passphrase.isEmpty else { throw .emptyPassphrase }
    let salt = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
    let sealer = try KeyStretching.key(from: passphrase, salt: salt, cost: cost)
    do {
      let box = try ChaChaPoly.seal(key.seed, using: sealer, authenticating: Self.associatedData(role, key.id, created))
      secret = .sealed(Sealed(salt: salt, cost: cost, box: Array(box.combined)))
    } catch {
      throw .unusable
    }
  }

  /// Keeps a key that opens parcels. It is open, since parcels are opened without anybody there.
  ///
  /// - Parameter created: when it was made.
  package init(_ key: SealingKey, created: UTCTime) {
    role = Self.sealingRole
    self.created = created
    id = key.id
    secret = .open(seed: key.seed)
  }

  /// What the file of a key that opens parcels says that it is for.
  package static let sealingRole = "sealing"

  /// Gives out a key that opens parcels.
  ///
  /// - Throws: ``KeyError/malformed(_:)`` for another key.
  package func sealingKey() throws(KeyError) -> SealingKey {
    guard role == Self.sealingRole, case .open(let seed) = secret else {
      throw .malformed("this is a key for '\(role)', not one that opens parcels")
    }
    guard let key = SealingKey(seed: seed), key.id == id else { throw .malformed("it holds another key than it says") }
    return key
  }

  /// What is sealed with the key: nobody can pass it off as another one's, or of another time.
  private static func associatedData(_ role: String, _ id: String, _ created: UTCTime) -> [UInt8] {
    Array("\(role) \(id) \(created.seconds)".utf8)
  }

  /// Gives the key out.
  ///
  /// - Throws: ``KeyError/passphraseNeeded``, ``KeyError/wrongPassphrase``.
  package func unlock(passphrase: String?) throws(KeyError) -> SigningKey {
    let seed: [UInt8]
    switch secret {
    case .open(let bytes): seed = bytes
    case .sealed(let sealed):
      guard let passphrase else { throw .passphraseNeeded }
      let sealer = try KeyStretching.key(from: passphrase, salt: sealed.salt, cost: sealed.cost)
      do {
        let box = try ChaChaPoly.SealedBox(combined: sealed.box)
        seed = Array(try ChaChaPoly.open(box, using: sealer, authenticating: Self.associatedData(role, id, created)))
      } catch {
        throw .wrongPassphrase
      }
    }
    guard let key = SigningKey(seed: seed), key.id == id else { throw .malformed("it holds another key than it says") }
    return key
  }

  /// The file's bytes: JSON.
  package var serialized: [UInt8] {
    var object: JSONObject = [
      "kind": "kscmirror private key", "version": 1, "role": .string(role), "keyid": .string(id),
      "created": .integer(created.seconds),
    ]
    switch secret {
    case .open(let seed): object["seed"] = .string(Hexadecimal.digits(seed))
    case .sealed(let sealed):
      object["sealed"] = .object([
        "kdf": "scrypt", "n": .integer(Int64(sealed.cost)), "r": .integer(Int64(KeyStretching.blockSize)), "p": 1,
        "salt": .string(Hexadecimal.digits(sealed.salt)), "cipher": "chacha20-poly1305",
        "box": .string(Hexadecimal.digits(sealed.box)),
      ])
    }
    return JSONValue.object(object).serialized + [UInt8(ascii: "\n")]
  }

  /// Reads a key file.
  ///
  /// - Throws: ``KeyError/malformed(_:)``.
  package init(parsing bytes: [UInt8]) throws(KeyError) {
    let value: JSONValue
    do { value = try JSONValue(parsing: bytes) } catch { throw .malformed(error.description) }
    guard let object = value.object, object["kind"]?.string == "kscmirror private key" else {
      throw .malformed("it does not say that it is one")
    }
    guard object["version"]?.integer == 1 else { throw .malformed("it is of a version that this program cannot read") }
    guard let role = object["role"]?.string, let id = object["keyid"]?.string,
      let created = object["created"]?.integer.flatMap(UTCTime.init(written:))
    else { throw .malformed("a field is missing") }
    self.role = role
    self.id = id
    self.created = created
    if let sealed = object["sealed"]?.object {
      secret = .sealed(try Self.sealed(sealed))
    } else if let seed = object["seed"]?.string.flatMap(Hexadecimal.bytes), seed.count == 32 {
      secret = .open(seed: seed)
    } else {
      throw .malformed("there is no key in it")
    }
  }

  private static func sealed(_ object: JSONObject) throws(KeyError) -> Sealed {
    guard object["kdf"]?.string == "scrypt", object["cipher"]?.string == "chacha20-poly1305",
      object["r"]?.integer == Int64(KeyStretching.blockSize), object["p"]?.integer == 1,
      let cost = object["n"]?.integer, cost > 1, cost <= Int64(maximumCost), cost & (cost - 1) == 0,
      let salt = object["salt"]?.string.flatMap(Hexadecimal.bytes),
      let box = object["box"]?.string.flatMap(Hexadecimal.bytes)
    else { throw .malformed("it is sealed in a way that this program does not know") }
    return Sealed(salt: salt, cost: Int(cost), box: box)
  }
}
