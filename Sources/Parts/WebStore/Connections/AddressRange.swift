import Glibc
import MirrorTypes
import NIOCore

/// An address of IPv4 or IPv6, or all that begin with the same bits: `10.0.0.0/8`, `fd00::/8`, `192.0.2.7`.
package struct AddressRange: Hashable, Sendable {
  /// The 16 bytes of an address; an IPv4 address counts as `::ffff:a.b.c.d`.
  private let bytes: [UInt8]
  /// How many bits of them have to agree.
  private let bits: Int

  /// Reads an address, with the number of bits behind a slash; `nil` for anything else, and where bits behind those are
  /// set.
  package init?(_ text: String) {
    let parts = text.byteParts(keepingEmpty: true)
    guard let first = parts.first, parts.count <= 2, let address = Self.bytes(String(first)) else { return nil }
    let isFour = !first.contains(":")
    var bits = isFour ? 32 : 128
    if parts.count == 2 {
      guard let number = Int(parts[1]), String(number) == parts[1], (0...bits).contains(number) else { return nil }
      bits = number
    }
    self.bits = isFour ? bits + 96 : bits
    bytes = address
    for position in self.bits..<128 where bytes[position / 8] & (0x80 >> (position % 8)) != 0 { return nil }
  }

  /// Whether an address is in the range.
  func contains(_ address: ClientAddress) -> Bool {
    for position in 0..<16 where bits > position * 8 {
      let mask = UInt8(truncatingIfNeeded: 0xFF00 >> min(8, bits - position * 8))
      if (bytes[position] ^ address.bytes[position]) & mask != 0 { return false }
    }
    return true
  }

  fileprivate static func bytes(_ text: String) -> [UInt8]? {
    var four = in_addr()
    if inet_pton(AF_INET, text, &four) == 1 { return mapped(four) }
    var six = in6_addr()
    guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
    return withUnsafeBytes(of: six) { Array($0) }
  }

  fileprivate static func mapped(_ four: in_addr) -> [UInt8] {
    [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF] + withUnsafeBytes(of: four) { Array($0) }
  }
}

/// The address that a connection comes from.
struct ClientAddress: Hashable, Sendable {
  /// Its 16 bytes; an IPv4 address counts as `::ffff:a.b.c.d`.
  let bytes: [UInt8]
  /// As it is written.
  let text: String

  /// The address at the other end of a socket; `nil` where there is none, as with a Unix socket.
  init?(_ address: SocketAddress?) {
    switch address {
    case .v4(let four): self.init(bytes: AddressRange.mapped(four.address.sin_addr))
    case .v6(let six): self.init(bytes: withUnsafeBytes(of: six.address.sin6_addr) { Array($0) })
    default: return nil
    }
  }

  /// An address by its text.
  init?(_ text: String) {
    guard let bytes = AddressRange.bytes(text) else { return nil }
    self.init(bytes: bytes)
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
    let isFour = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
    var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let family = isFour ? AF_INET : AF_INET6
    let written = (isFour ? Array(bytes[12...]) : bytes).withUnsafeBytes {
      inet_ntop(family, $0.baseAddress, &buffer, socklen_t(INET6_ADDRSTRLEN)) != nil
    }
    text = written ? String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) : "?"
  }

  /// What counts as one client: an IPv4 address, or an IPv6 network of 64 bits, which one client has whole.
  var client: [UInt8] { text.contains(":") ? Array(bytes.prefix(8)) : bytes }
}
