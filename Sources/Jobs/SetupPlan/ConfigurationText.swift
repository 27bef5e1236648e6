import MirrorConfiguration
import SystemPackage

/// The configuration that answers come to, with comments for whoever changes it later.
package enum ConfigurationText {
  /// The whole file.
  package static func of(_ answers: SetupAnswers) -> String {
    let lines =
      switch answers.side {
      case .connected: head("the host with internet") + store(answers) + pack(answers) + source(answers)
      case .isolated: head("an isolated server") + store(answers) + site(answers)
      }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func head(_ what: String) -> [String] {
    [
      "# The configuration of kscmirror on \(what), written by 'kscmirror setup'.",
      "# kscmirror.toml(5) describes every key; 'kscmirror config check' says what this means.",
      "",
    ]
  }

  private static func store(_ answers: SetupAnswers) -> [String] {
    ["# Where databases, snapshots, keys and the journal lie.", "store = \(quoted(answers.store.string))", ""]
  }

  private static func site(_ answers: SetupAnswers) -> [String] {
    [
      "# The name of this site: bundles for other sites are refused, and the receipts that 'kscmirror import' leaves on",
      "# the stick bear it, so that the next bundle ('kscmirror pack --site') carries only what is new here.",
      answers.site.map { "site = \(quoted($0))" } ?? "# site = \"plant-7\"",
      "",
      "# \"required\" refuses whatever carries no signature of the vendor's that can be verified.",
      "# vendor_signatures = \"check\"",
      "",
      "# The Administration Server of this site, for licences, packages, demand and 'import --notify-server'.",
      "# [administration_server]",
      "# url = \"https://ksc.example:13299\"",
      "# user = \"kscmirror\"",
      "# password_file = \"/etc/kscmirror/ksc-password\"",
    ]
  }

  private static func pack(_ answers: SetupAnswers) -> [String] {
    [
      "# Where 'kscmirror pack' writes bundles: the stick's folder, or one from which they are copied.",
      "[pack]",
      answers.output.map { "output = \(quoted($0.string))" } ?? "# output = \"/media/stick\"",
      "# Parity volumes, by which a site rebuilds as many lost or damaged ones.",
      "# parity = 1",
      "",
    ]
  }

  private static func source(_ answers: SetupAnswers) -> [String] {
    var lines = ["# The vendor's update servers.", "[[source]]", "name = \"kaspersky\"", "kind = \"kaspersky\""]
    if !answers.servers.isEmpty { lines.append("servers = \(list(answers.servers))") }
    if let authorities = answers.authorities {
      lines += [
        "# Whose certificates the servers, or a proxy that looks inside, may have.",
        "ca = \(quoted(authorities.string))",
      ]
    }
    if let proxy = answers.proxy { lines.append("proxy = \(quoted(proxy))") }
    lines.append(
      "# What is mirrored. 'kscmirror products TEXT' lists the names of products; a star stands for any text."
    )
    if answers.products.isEmpty && answers.components.isEmpty {
      lines += [
        "# Nothing is chosen: all that the indexes name is mirrored, which is many gigabytes.", "# products = []",
      ]
    }
    if !answers.products.isEmpty { lines += column("products", answers.products) }
    if !answers.components.isEmpty { lines += column("components", answers.components) }
    return lines
  }

  /// A list on a line of its own for each name: so that one can be taken out.
  private static func column(_ key: String, _ names: [String]) -> [String] {
    guard names.count > 1 else { return ["\(key) = \(list(names))"] }
    return ["\(key) = ["] + names.map { "  \(quoted($0))," } + ["]"]
  }

  private static func list(_ texts: [String]) -> String { "[" + texts.map(quoted).joined(separator: ", ") + "]" }

  /// A basic string of TOML.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      default:
        if scalar.value < 0x20 || scalar.value == 0x7F {
          let digits = String(scalar.value, radix: 16, uppercase: true)
          result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }
}
