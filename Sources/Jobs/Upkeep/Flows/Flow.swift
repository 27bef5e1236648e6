/// A flow of data to, from or around an Administration Server, by the vendor's list of ports, and what becomes of it
/// without internet.
package struct Flow: Sendable, Hashable {
  /// Where the Administration Server stands.
  package enum Topology: String, Sendable, CaseIterable, Encodable {
    /// It has no internet.
    case isolated
    /// Devices reach it through a connection gateway in a DMZ.
    case dmz
    /// It has internet.
    case internet
  }

  /// How a flow gets to where it belongs.
  package enum Carriage: String, Sendable, Encodable {
    /// Within the network.
    case inside
    /// Through the gateway in the DMZ.
    case gateway
    /// Over the internet.
    case direct
    /// By stick: kscmirror takes its place.
    case replaced
    /// Not at all, and nothing can take its place.
    case impossible

    /// It in words.
    package var words: String {
      switch self {
      case .inside: "inside the network"
      case .gateway: "by the gateway"
      case .direct: "over the internet"
      case .replaced: "replaced by kscmirror"
      case .impossible: "cannot be carried"
      }
    }
  }

  /// What is to be done about it.
  struct Advice: Sendable, Hashable {
    let carriage: Carriage
    let text: String
  }

  /// How a port is used.
  package enum Transport: String, Sendable, Encodable {
    case tcp
    case udp
  }

  /// A stable name.
  let name: String
  /// The port.
  let port: Int
  /// TCP or UDP.
  let transport: Transport
  /// Whose port it is: the server's own as a rule.
  let end: End
  /// Who uses it, and for what.
  let use: String
  /// What to do, by topology.
  let advice: [Topology: Advice]

  /// Whose port it is.
  enum End: Sendable, Hashable {
    /// The Administration Server's.
    case server
    /// A managed device's.
    case device
    /// The database server's, on this host or another.
    case database
    /// Somebody's in the internet.
    case internet
  }

  init(
    _ name: String,
    _ port: Int,
    _ transport: Transport,
    at end: End = .server,
    _ use: String,
    isolated: Advice,
    dmz: Advice? = nil,
    internet: Advice? = nil
  ) {
    self.name = name
    self.port = port
    self.transport = transport
    self.end = end
    self.use = use
    advice = [.isolated: isolated, .dmz: dmz ?? isolated, .internet: internet ?? isolated]
  }
}

extension Flow.Advice {
  static func inside(_ text: String) -> Self { Self(carriage: .inside, text: text) }
  static func gateway(_ text: String) -> Self { Self(carriage: .gateway, text: text) }
  static func direct(_ text: String) -> Self { Self(carriage: .direct, text: text) }
  static func replaced(_ text: String) -> Self { Self(carriage: .replaced, text: text) }
  static func impossible(_ text: String) -> Self { Self(carriage: .impossible, text: text) }
}
