import MirrorConfiguration
import SystemPackage

/// What systemd has to know where a store or an outbox lies elsewhere than its units expect.
package struct ServiceUnits: Hashable, Sendable {
  /// A file below the folder of systemd's units.
  package struct DropIn: Hashable, Sendable {
    /// Its path below that folder.
    package let path: String
    /// What is in it.
    package let text: String
  }

  private let answers: SetupAnswers

  /// What the answers come to.
  package init(answers: SetupAnswers) { self.answers = answers }

  /// The outbox of the units.
  package static let outbox: FilePath = "/var/lib/kscmirror-outbox"
  /// Where administrators put units.
  package static let folder: FilePath = "/etc/systemd/system"

  /// Whether bundles are written to a folder of this host, from which they are copied, so that a timer can do it: not so
  /// where a medium has to be put in first.
  var packsByItself: Bool {
    guard answers.side == .connected, let output = answers.output else { return false }
    return !["/media", "/mnt", "/run/media"].contains { output.starts(with: FilePath($0)) }
  }

  /// The timers that are switched on.
  package var timers: [String] {
    guard answers.side == .connected else { return [] }
    return ["kscmirror-sync.timer"] + (packsByItself ? ["kscmirror-pack.timer"] : [])
  }

  /// The drop-ins that the answers need.
  package var dropIns: [DropIn] {
    var found: [DropIn] = []
    if !answers.store.starts(with: Configuration.defaultStore) {
      found.append(
        DropIn(
          path: "kscmirror-.service.d/store.conf",
          text: Self.head + "[Service]\nReadWritePaths=\(Self.word(answers.store.string))\n"
        )
      )
    }
    if packsByItself, let output = answers.output, output != Self.outbox {
      found.append(
        DropIn(
          path: "kscmirror-pack.service.d/outbox.conf",
          text: Self.head
            + "[Service]\nEnvironment=\(Self.word("OUTBOX=\(output)"))\nReadWritePaths=\(Self.word(output.string))\n"
        )
      )
    }
    return found
  }

  private static let head = "# Written by 'kscmirror setup'.\n"

  /// A word as unit files take it: quoted, with percent signs doubled.
  static func word(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "%": result += "%%"
      case "\"", "\\": result += "\\\(scalar)"
      case "\n": result += "\\n"
      default: result.unicodeScalars.append(scalar)
      }
    }
    let isPlain = text.unicodeScalars.allSatisfy { $0.isASCII && !" \t\n\"'\\;#$".unicodeScalars.contains($0) }
    return isPlain ? result : "\"\(result)\""
  }
}
