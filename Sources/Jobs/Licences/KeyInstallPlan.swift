import JobCore
import MirrorTypes
import Parcels
import SiteDocuments
import SystemPackage
import Trust

/// What keys have come to a site, and which of them are to be installed.
package struct KeyInstallPlan: Sendable, Encodable {
  /// How a key stands.
  package enum State: Sendable, Hashable {
    /// It was never installed from here.
    case new
    /// It was installed before.
    case installed(serial: String, time: UTCTime)
    /// A run was killed while it was being installed.
    case interrupted
  }

  /// A key.
  package struct Key: Sendable, Encodable {
    /// The number of the delivery that it came in.
    package let delivery: Int64
    /// Its name there.
    package let name: String
    /// `key-file` or `activation-code`.
    package let kind: String
    /// The bytes of a key file.
    package let bytes: Int
    /// The SHA-256 of a key file; `nil` for a code.
    package let sha256: String?
    /// Whether the server is asked to give it to devices by itself.
    package internal(set) var isAutomatic: Bool
    /// What is said with it.
    package let note: String
    /// How it stands: new, installed, interrupted.
    package let state: State

    let body: LicenceBody
    let digest: Digest256

    private enum CodingKeys: String, CodingKey { case delivery, name, kind, bytes, sha256, isAutomatic, note, state }

    /// Whether there is something to be done with it.
    package var isDue: Bool { if case .installed = state { false } else { true } }
  }

  /// The keys, in the order of their deliveries and names.
  package internal(set) var keys: [Key] = []

  /// Whether none is to be installed.
  package var isEmpty: Bool { !keys.contains(where: \.isDue) }

  /// Reads a delivery that waits in a store, and adds its keys: all of them, or, if it cannot be read, none.
  ///
  /// - Parameters:
  ///   - again: whether keys count as new that were installed before.
  ///   - isAutomatic: what is asked of the server in place of what the deliveries say; `nil`: as they say.
  mutating func add(
    _ delivery: TakenParcel,
    _ inbox: ParcelInbox,
    _ log: KeyLog,
    again: Bool,
    isAutomatic: Bool?
  ) throws {
    let content = try KeyDelivery(try inbox.open(site: delivery.site, number: delivery.number))
    for name in content.bodies.serials {
      guard let body = content.bodies[name] else { continue }
      let digest = body.revealed { Digest256.sha256(of: $0) }
      keys.append(
        Key(
          delivery: delivery.number,
          name: name,
          kind: body.kind.rawValue,
          bytes: body.count,
          sha256: body.kind == .keyFile ? digest.hex : nil,
          isAutomatic: isAutomatic ?? content.order.isAutomatic,
          note: content.order.note,
          state: again ? .new : State(log.step(digest)),
          body: body,
          digest: digest
        )
      )
    }
  }
}

extension KeyInstallPlan.State: Encodable {
  init(_ step: KeyLog.Step?) {
    switch step {
    case nil: self = .new
    case .begun: self = .interrupted
    case .installed(let serial, let time): self = .installed(serial: serial, time: time)
    }
  }

  /// Writes a word.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .new: try container.encode("new")
    case .installed: try container.encode("installed")
    case .interrupted: try container.encode("interrupted")
    }
  }
}

/// The documents of a delivery with keys.
struct KeyDelivery {
  let bodies: LicenceBodies
  let order: KeyOrder

  /// The most bytes of all documents.
  private static let maximumSize = 64 << 20

  init(_ reader: ParcelReader) throws {
    let documents = try reader.documents(of: .keys, atMost: Self.maximumSize)
    let place = "delivery \(reader.header.number)"
    guard let bytes = documents.first(where: { $0.name.string == LicenceBodies.fileName })?.bytes else {
      throw JobError(.badParcel, "\(place) holds no \(LicenceBodies.fileName)")
    }
    bodies = try LicenceBodies(parsing: bytes, name: "\(LicenceBodies.fileName) in \(place)")
    let order = documents.first { $0.name.string == KeyOrder.fileName }
    self.order =
      try order.map { try KeyOrder(parsing: $0.bytes, name: "\(KeyOrder.fileName) in \(place)") } ?? KeyOrder()
  }
}
