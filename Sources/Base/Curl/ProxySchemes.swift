import MirrorTypes

/// Ways to sign in to a proxy, by libcurl's bits.
package struct ProxySchemes: OptionSet, Hashable, Sendable {
  package let rawValue: Int

  package init(rawValue: Int) { self.rawValue = rawValue }

  package static let basic = ProxySchemes(rawValue: 1 << 0)
  package static let digest = ProxySchemes(rawValue: 1 << 1)
  /// Kerberos, with the ticket of whoever runs the program.
  package static let negotiate = ProxySchemes(rawValue: 1 << 2)
  package static let ntlm = ProxySchemes(rawValue: 1 << 3)

  /// All that a proxy is signed in to by, the one that libcurl would take first in front.
  private static let named: [(scheme: ProxySchemes, name: String)] = [
    (.negotiate, "Negotiate"), (.digest, "Digest"), (.ntlm, "NTLM"), (.basic, "Basic"),
  ]

  /// The one of these that libcurl takes; empty if there is none.
  package var preferred: ProxySchemes { Self.named.first { contains($0.scheme) }?.scheme ?? [] }

  /// Their names; empty for none.
  package var names: [String] { Self.named.filter { contains($0.scheme) }.map(\.name) }

  /// Their names as part of a sentence.
  package var text: String { isEmpty ? "nothing that is known here" : Words.list(names, atMost: 4) }
}
