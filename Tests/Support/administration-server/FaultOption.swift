import AdministrationServerDouble
import ArgumentParser

/// A fault as the command line names it.
struct FaultOption: Sendable {
  private let method: String
  private let fault: Misbehaviour
  private let times: Int

  init(_ text: String) throws {
    let halves = text.split(separator: "=", maxSplits: 1).map(String.init)
    let parts = halves.last?.split(separator: ":").map(String.init) ?? []
    guard halves.count == 2, (1...2).contains(parts.count), let fault = Self.kinds[parts[0]] else {
      throw ValidationError("a fault is METHOD=KIND or METHOD=KIND:TIMES, not \(text)")
    }
    guard let times = parts.count == 2 ? Int(parts[1]) : Int.max else {
      throw ValidationError("\(parts[1]) is no number of times")
    }
    (method, self.fault, self.times) = (halves[0], fault, times)
  }

  func misbehaviour(_ call: DoubleCall) -> Misbehaviour? {
    let count = method == "*" ? call.number : call.count
    return (method == "*" || method == call.method) && count <= times ? fault : nil
  }

  private static let kinds: [String: Misbehaviour] = [
    "403": .status(403), "503": .status(503), "slow": .late(seconds: 5),
    "refused": .failure(
      PxgFailure(1195, "Unavailable", format: "The server is starting (%1 of %2)", arguments: ["3", "7"])
    ),
    "truncated": .truncated(to: 40), "html": .body(Array("<html>Sign in</html>".utf8), contentType: "text/html"),
    "huge": .huge(1 << 30), "cut": .cut,
  ]
}
