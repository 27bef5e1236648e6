import JobCore
import Setup
import Synchronization
import SystemPackage

/// A host that notes what is run on it.
final class QuietHost: SetupHost, Sendable {
  let hasSystemd: Bool
  let hostName: String
  let user = "root"
  private let ran = Mutex<[[String]]>([])

  init(hasSystemd: Bool = true, hostName: String = "srv-mir") {
    self.hasSystemd = hasSystemd
    self.hostName = hostName
  }

  func owner(of folder: FilePath) -> String? { "kscmirror" }

  func run(_ words: [String]) throws { ran.withLock { $0.append(words) } }

  var commands: [[String]] { ran.withLock { $0 } }
}
