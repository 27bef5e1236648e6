import MirrorTypes
import AdministrationServer
import Crypto
import Foundation
import JobCore
import MirrorConfiguration

/// An agreement of packages on the server, and what it is called here.
package struct PackageAgreement: Sendable, Hashable, Encodable {
  /// Its number on the server.
  package let number: Int64
  /// What it is called on the command line: the product, its version, `eula`, `ksn` or `data`, and the language. It is
  /// made up from the server's facts, which give agreements no names; two may have the same one.
  package let name: String
  /// `eula`, `ksn`, `data`, or `other`.
  package let kind: String
  /// Its language, by BCP 47; `nil`: it is for all.
  package let language: String?
  /// Whether it is accepted on the server.
  package internal(set) var isAccepted: Bool
  /// Whether a package is given out only when it is accepted. Taking part in KSN is voluntary.
  package let isNeeded: Bool
  /// The numbers of the packages that it belongs to.
  package let packages: [Int64]
  /// The bytes of its text, as UTF-8.
  package let size: Int64
  /// The SHA-256 of its text, in hexadecimal digits.
  package let sha256: String

  /// What it is called with its number, for sentences.
  package var title: String { "\(name) (number \(number), SHA-256 \(sha256.prefix(16))…)" }
}

extension PackageAgreement {
  init(_ agreement: UserAgreement, of packages: [InstallationPackage], text: String) {
    number = agreement.id
    kind =
      switch agreement.kind {
      case .licence: "eula"
      case .ksn: "ksn"
      case .dataProcessing: "data"
      case .other: "other"
      }
    language = agreement.language
    isAccepted = agreement.isAccepted
    isNeeded = agreement.kind != .ksn
    let owners = packages.filter { $0.agreementUID != nil && $0.agreementUID == agreement.uid }.sorted { $0.id < $1.id }
    self.packages = owners.map(\.id)
    let product = [owners.first?.productName, owners.first?.productVersion].compactMap { $0 }
    name = (product + [kind, agreement.language ?? "all"]).map(Self.word).filter { !$0.isEmpty }.joined(separator: "-")
    size = Int64(text.utf8.count)
    sha256 = SHA256.hash(data: Data(text.utf8)).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  /// A part of a name that can be typed anywhere: what the server says is not trusted with a shell.
  private static func word(_ text: String) -> String {
    let allowed = text.unicodeScalars.map { scalar in
      scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == ".")
        ? Character(scalar) : "-"
    }
    return String(allowed.prefix(40)).split(separator: "-").joined(separator: "-")
  }
}

/// Finds out which agreements somebody means.
enum AgreementChoice {
  /// The agreements that are meant by numbers, names, or at least 16 digits of a text's SHA-256.
  ///
  /// - Throws: an error with ``ExitStatus/usage`` for what names none, with the nearest right name, and for a name
  ///   that several have: nobody accepts a text that was not meant.
  static func numbers(_ wanted: [String], among agreements: [PackageAgreement]) throws -> Set<Int64> {
    var numbers: Set<Int64> = []
    for word in wanted { numbers.insert(try agreement(word, among: agreements).number) }
    return numbers
  }

  /// The one agreement that is meant.
  static func agreement(
    _ word: String,
    among agreements: [PackageAgreement]
  ) throws -> PackageAgreement {
    if let number = Int64(word), let found = agreements.first(where: { $0.number == number }) { return found }
    let isDigest = (16...64).contains(word.utf8.count) && word.utf8.allSatisfy { Character(.init($0)).isHexDigit }
    let found = agreements.filter { agreement in
      agreement.name.lowercased() == word.lowercased() || isDigest && agreement.sha256.hasPrefix(word.lowercased())
    }
    if found.count == 1 { return found[0] }
    guard found.isEmpty else {
      let numbers = found.map { "\($0.number)" }.joined(separator: ", ")
      throw JobError(
        .usage,
        "'\(word)' names several agreements: \(numbers)",
        remedy: "Name the one that you mean by its number; 'kscmirror package agreements' shows them."
      )
    }
    let near = NearestName.of(word, among: agreements.map(\.name)).map { "; did you mean '\($0)'?" } ?? ""
    throw JobError(
      .usage,
      "the server has no agreement '\(word)' for these packages\(near)",
      remedy: "'kscmirror package agreements' shows all that there are."
    )
  }
}

/// The agreements of a server, each with its text.
struct AgreementShelf {
  /// The most agreements that are looked at.
  static let mostAgreements = 1000

  private(set) var agreements: [PackageAgreement] = []
  private var texts: [Int64: String] = [:]

  /// Asks the server.
  ///
  /// - Parameter packages: only the agreements of these; `nil`: all.
  init(of packages: Set<Int64>? = nil, on server: AdministrationServer) async throws {
    let recorded = try await server.packages()
    let wanted = packages.map { chosen in recorded.filter { chosen.contains($0.id) } }
    let uids = wanted.map { Set($0.compactMap(\.agreementUID)) }
    // Nothing to look for: a server of another version need not even know the call.
    if let uids, uids.isEmpty { return }
    let all = try await server.userAgreements().filter { agreement in
      uids.map { agreement.uid.map($0.contains) ?? false } ?? true
    }
    guard all.count <= Self.mostAgreements else {
      throw JobError(.badAnswer, "the Administration Server has more than \(Self.mostAgreements) agreements")
    }
    for agreement in all.sorted(by: { $0.id < $1.id }) where texts[agreement.id] == nil {
      let text = try await server.agreementText(agreement.id)
      texts[agreement.id] = text
      agreements.append(PackageAgreement(agreement, of: recorded, text: text))
    }
  }

  /// The text of an agreement.
  func text(of agreement: PackageAgreement) -> String { texts[agreement.number] ?? "" }

  /// Those that have to be accepted before a package is given out, and are not.
  func waiting(for package: Int64) -> [PackageAgreement] {
    agreements.filter { $0.isNeeded && !$0.isAccepted && $0.packages.contains(package) }
  }

  /// Accepts agreements on the server, and sees that they are.
  mutating func accept(_ numbers: Set<Int64>, on server: AdministrationServer) async throws -> [PackageAgreement] {
    let due = agreements.filter { numbers.contains($0.number) && !$0.isAccepted }
    guard !due.isEmpty else { return [] }
    // What is accepted is the text that was shown: the server must still have it.
    for agreement in due where try await server.agreementText(agreement.number) != text(of: agreement) {
      throw JobError(
        .wrongContent,
        "the Administration Server has another text of the agreement \(agreement.title) than a moment ago",
        remedy: "Nothing was accepted. Read it again with 'kscmirror package agreements --text \(agreement.number)'."
      )
    }
    try await server.acceptAgreements(due.map(\.number))
    let accepted = Set(try await server.userAgreements().filter(\.isAccepted).map(\.id))
    for agreement in due where !accepted.contains(agreement.number) {
      throw JobError(
        .badAnswer,
        "the agreement \(agreement.title) was accepted, but the Administration Server says that it was not"
      )
    }
    for place in agreements.indices where numbers.contains(agreements[place].number) {
      agreements[place].isAccepted = true
    }
    return due
  }
}

extension AuditNote {
  /// Somebody has accepted an agreement.
  static func agreement(_ agreement: PackageAgreement, acceptedOn server: String, as user: String) -> AuditNote {
    AuditNote(
      .agreement,
      "the agreement \(agreement.name) (number \(agreement.number)) was accepted on \(server) as user \(user)",
      [
        "agreement": .integer(agreement.number), "name": .string(agreement.name), "kind": .string(agreement.kind),
        "text-sha256": .string(agreement.sha256), "text-bytes": .integer(agreement.size), "server": .string(server),
        "user": .string(user),
      ]
    )
  }
}

/// What somebody has answered who was asked to accept an agreement.
package enum AgreementAnswer: Sendable, Hashable {
  /// The text is wanted.
  case show
  /// It is accepted: its name or number was typed.
  case accept
  /// It is not accepted.
  case leave
  /// Neither: `yes` is not an answer, since nobody shall accept a text without looking at what it is.
  case unclear

  /// - Parameter line: what was typed; `nil`: there is nobody any more.
  package init(_ line: String?, to agreement: PackageAgreement) {
    let words = (line ?? "").split(whereSeparator: \.isWhitespace).map { $0.lowercased() }
    switch words {
    case []: self = .leave
    case ["text"]: self = .show
    case [agreement.name.lowercased()], ["\(agreement.number)"]: self = .accept
    case ["n"], ["no"]: self = .leave
    default: self = .unclear
    }
  }
}
