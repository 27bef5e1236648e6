import Commands

extension BoundedCommand.Outcome {
  /// Whether it did what it should.
  var isGood: Bool { ending == .exit(0) }

  /// Why not, in words, with the first line of what it said.
  var words: String {
    let line = String(decoding: output, as: UTF8.self).split(separator: "\n").first.map { ": \($0)" } ?? ""
    return switch ending {
    case .exit(let status): "it ended with status \(status)\(line)"
    case .signal(let signal): "it was ended by signal \(signal)\(line)"
    case .timedOut: "it took too long and was ended\(line)"
    }
  }
}
