/// The ports of this host on which something listens, as `/proc` shows them.
package struct ListeningPorts: Sendable, Hashable {
  /// Ports of TCP with a socket that takes connections.
  package let tcp: Set<Int>
  /// Ports of UDP with a socket that takes what anybody sends.
  package let udp: Set<Int>

  /// Ports that were found.
  package init(tcp: Set<Int>, udp: Set<Int>) {
    self.tcp = tcp
    self.udp = udp
  }

  /// Those of this host; `nil` where the kernel does not show them.
  package static func ofThisHost() -> ListeningPorts? {
    let files = ["tcp", "tcp6", "udp", "udp6"].map { ProcFile.read("/proc/net/\($0)") }
    guard files.contains(where: { $0 != nil }) else { return nil }
    let texts = files.map { String(decoding: $0 ?? [], as: UTF8.self) }
    return ListeningPorts(
      tcp: ports(texts[0], state: "0A").union(ports(texts[1], state: "0A")),
      udp: ports(texts[2], state: "07").union(ports(texts[3], state: "07"))
    )
  }

  /// The ports in a table such as `/proc/net/tcp`: `0: 0100007F:32C8 00000000:0000 0A …`. A socket that talks to somebody
  /// in particular listens to nobody else.
  ///
  /// - Parameter state: the kernel's number for sockets that listen: `0A` of TCP, `07` of UDP.
  package static func ports(_ table: String, state: String) -> Set<Int> {
    Set(
      table.split(separator: "\n").dropFirst().compactMap { line in
        let words = line.split(separator: " ")
        guard words.count > 3, words[3] == state, words[2].hasSuffix(":0000"),
          let colon = words[1].lastIndex(of: ":")
        else { return nil }
        return Int(words[1][words[1].index(after: colon)...], radix: 16)
      }
    )
  }
}
