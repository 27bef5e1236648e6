import AdministrationServer
import MirrorTypes
import SiteDocuments

/// Asks for what takes calls of its own for each key: its devices, and its body. Several sessions share the keys, since one
/// makes one call at a time.
struct KeyDetails {
  /// What was asked for of a key.
  struct Details: Sendable {
    var devices: [LicenceDevice] = []
    var body: LicenceBody?
  }

  /// How many sessions ask at once.
  static let sessions = 4
  /// How many keys are asked for before what came is written down, and how many devices they may have together.
  private static let batchKeys = 64
  private static let batchDevices = 2000

  let wantsDevices: Bool
  let wantsBodies: Bool

  /// Whether nothing has to be asked for.
  var isNothing: Bool { !wantsDevices && !wantsBodies }

  /// Asks for keys, and hands out the answers in their order.
  ///
  /// - Parameters:
  ///   - servers: a session each.
  ///   - take: takes each key with its details.
  func read(
    _ keys: [LicenceKey],
    from servers: [AdministrationServer],
    _ take: (Int, LicenceKey, Details) throws -> Void
  ) async throws {
    var start = 0
    while start < keys.count {
      let end = endOfBatch(keys, from: start)
      let details = try await batch(keys[start..<end].map(\.serial), servers)
      for (offset, details) in details.enumerated() { try take(start + offset, keys[start + offset], details) }
      start = end
    }
  }

  private func endOfBatch(_ keys: [LicenceKey], from start: Int) -> Int {
    var (end, devices) = (start, 0)
    while end < keys.count, end - start < Self.batchKeys {
      let more = wantsDevices ? (keys[end].number(.inUse) ?? 0) + (keys[end].number(.reserve) ?? 0) : 0
      if end > start && devices + more > Self.batchDevices { break }
      (end, devices) = (end + 1, devices + more)
    }
    return end
  }

  private func batch(_ serials: [String], _ servers: [AdministrationServer]) async throws -> [Details] {
    var all = [Details](repeating: Details(), count: serials.count)
    let workers = Array(servers.prefix(serials.count).enumerated())
    try await concurrently(workers, atMost: workers.count) { number, server in
      var found: [(Int, Details)] = []
      for index in stride(from: number, to: serials.count, by: servers.count) {
        found.append((index, try await self.details(of: serials[index], server)))
      }
      return found
    } take: { found in
      for (index, details) in found { all[index] = details }
    }
    return all
  }

  private func details(of serial: String, _ server: AdministrationServer) async throws -> Details {
    var details = Details()
    if wantsDevices { details.devices = try await Self.devices(of: serial, server) }
    if wantsBodies { details.body = try await Self.body(of: serial, server) }
    return details
  }

  private static func devices(
    of serial: String,
    _ server: AdministrationServer
  ) async throws -> [LicenceDevice] {
    var devices: [LicenceDevice] = []
    try await server.readDevices(usingKey: serial) { page in
      for device in page {
        var record = LicenceDevice()
        record[.id] = .text(device.id)
        record[.name] = device.name.map { .text($0) }
        record[.group] = device.group.map { .text($0) }
        record[.product] = device.product.map { .text($0) }
        record[.version] = device.version.map { .text($0) }
        record[.current] = device.isActive.map { .flag($0) }
        record[.expires] = device.expires.map { .time($0) }
        record[.installed] = device.installed.map { .time($0) }
        devices.append(record)
      }
      return .more
    }
    return devices
  }

  private static func body(of serial: String, _ server: AdministrationServer) async throws -> LicenceBody? {
    try await server.keyBody(serial: serial).flatMap { body in LicenceBody(body.secret.exposedBytes) }
  }
}
