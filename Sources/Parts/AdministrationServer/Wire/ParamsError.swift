/// Why bytes or values are not what the Open API has them to be.
package struct ParamsError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  package let problem: String
  /// Where: a byte's number or an attribute's name; empty where all of it is meant.
  package let place: String

  /// A problem and its place.
  package init(_ problem: String, at place: String = "") {
    self.problem = problem
    self.place = place
  }

  /// The failure in words.
  package var description: String { place.isEmpty ? problem : "\(place): \(problem)" }

  /// The same problem, inside of something with a name.
  func inside(_ name: String) -> ParamsError {
    let name = name.shownSafely(limit: 60)
    if place.isEmpty { return ParamsError(problem, at: name) }
    // A hostile answer may be deep; its whole path says no more than the last steps of it.
    guard place.utf8.count < 200 else { return self }
    return ParamsError(problem, at: place.hasPrefix("[") ? name + place : name + "." + place)
  }
}

extension String {
  /// The text as it may be shown: cut to `limit` characters, and without control characters, which a terminal obeys.
  func shownSafely(limit: Int) -> String {
    var shown = String.UnicodeScalarView()
    for scalar in unicodeScalars.prefix(limit) {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
        shown.append(" ")
      default: shown.append(scalar)
      }
    }
    return String(shown) + (unicodeScalars.dropFirst(limit).isEmpty ? "" : "…")
  }
}
