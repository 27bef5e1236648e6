/// Names of components under which servers that pass updates on find the indexes of other generations, such as
/// `RETR1901_KDB` for those of `KDB` (FORMAT.md, section 2).
package enum PassedComponent {
  private static let mark = "RETR"

  /// The component that a name is about: of `RETR1901_KDB` it is `KDB`, any other name is about itself.
  package static func subject(of name: some StringProtocol) -> String {
    guard name.prefix(mark.count).uppercased() == mark, let end = name.firstIndex(of: "_"),
      name[..<end].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }), name.index(after: end) < name.endIndex
    else { return String(name) }
    return String(name[name.index(after: end)...])
  }

  /// The same of names that are joined by commas; each stands there once.
  package static func subjects(of names: String) -> String {
    var subjects: [String] = []
    for name in names.split(separator: ",", omittingEmptySubsequences: false).map(subject)
    where !subjects.contains(name) {
      subjects.append(name)
    }
    return subjects.joined(separator: ",")
  }
}
