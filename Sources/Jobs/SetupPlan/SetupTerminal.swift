/// Somebody who can be asked.
package protocol SetupTerminal {
  /// Shows a line.
  func show(_ line: String)
  /// Asks for a line.
  ///
  /// - Returns: what was typed; `nil` when nothing more will come.
  func line(_ prompt: String) -> String?
}

extension SetupTerminal {
  /// Asks until the answer is one that can be used; an empty line is the answer that is offered.
  ///
  /// - Parameters:
  ///   - question: what is asked.
  ///   - offer: what an empty line stands for; `nil`: there has to be an answer.
  ///   - problem: why an answer cannot be used; `nil` for one that can.
  /// - Throws: ``SetupInterrupted`` when nothing more comes.
  func ask(_ question: String, offer: String?, problem: (String) -> String? = { _ in nil }) throws(SetupInterrupted)
    -> String
  {
    while true {
      guard let typed = line("\(question)\(offer.map { $0.isEmpty ? "" : " [\($0)]" } ?? ""): ") else {
        throw SetupInterrupted()
      }
      let text = typed.trimmed
      if text.isEmpty, let offer { return offer }
      if text.isEmpty {
        show("  There has to be an answer.")
      } else if let problem = problem(text) {
        show("  \(problem)")
      } else {
        return text
      }
    }
  }

  /// Asks whether something shall be done.
  func agrees(_ question: String, offer: Bool) throws(SetupInterrupted) -> Bool {
    let answer = try ask("\(question) [\(offer ? "Y/n" : "y/N")]", offer: "") { text in
      Self.yesAndNo.keys.contains(text.lowercased()) ? nil : "Answer y or n."
    }
    return Self.yesAndNo[answer.lowercased()] ?? offer
  }

  private static var yesAndNo: [String: Bool] {
    [
      "y": true, "yes": true, "s": true, "si": true, "sí": true, "д": true, "да": true, "n": false, "no": false,
      "н": false, "нет": false,
    ]
  }
}

/// The end of the input, in the middle of questions: nothing was changed.
package struct SetupInterrupted: Error {}

extension String {
  var trimmed: String {
    var rest = self[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}
