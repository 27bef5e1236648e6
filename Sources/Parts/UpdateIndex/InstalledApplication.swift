import MirrorTypes

/// An application as an Administration Server describes it, which names and counts otherwise than the indexes do: what is
/// `KES 12.1.0.0` there, build `12.1.0.506`, is `KES 21.13.5.506` in them.
package struct InstalledApplication: Sendable, Hashable {
  /// Its short name there: `KES`, `1103`, `kesl`.
  package let name: String
  /// Its version there, the last places of which are often zero: `12.1.0.0`.
  package let version: String
  /// Its version in full, as people see it: `12.1.0.506`; `nil` where the server did not tell.
  package let build: String?
  /// The name that people see: `Kaspersky Endpoint Security 12.1 for Linux`.
  package let displayName: String?

  /// An application.
  package init(name: String, version: String, build: String? = nil, displayName: String? = nil) {
    self.name = name
    self.version = version
    self.build = build
    self.displayName = displayName
  }
}

/// What of an update tree an installed application needs, by the vendor's own catalogue.
package struct ApplicationMatch: Sendable, Hashable {
  /// How sure the catalogue is.
  package enum Certainty: String, Sendable, Hashable, Codable {
    /// It has this version.
    case version
    /// It has the application, and not this version: what all its versions need is taken.
    case application
    /// It does not have the application: what indexes restrict to this very name is taken, and no component can be left
    /// out for its sake.
    case unknown
  }

  /// How sure the catalogue is.
  package let certainty: Certainty
  /// The catalogue's names of what was found.
  package let products: [String]
  /// Patterns of applications, as a ``Selection`` takes them.
  package let applications: [String]
  /// Components; of an application that is unknown, none.
  package let components: [String]
  /// Primary indexes; of an application that is unknown, none.
  package let primaries: [TreePath]

  /// The same with patterns of applications that somebody knows better.
  package func called(_ patterns: [String]) -> ApplicationMatch {
    ApplicationMatch(
      certainty: certainty,
      products: products,
      applications: patterns,
      components: components,
      primaries: primaries
    )
  }
}

extension ProductCatalogue {
  /// Finds what an application needs; see ``ApplicationMatcher``, which is for many of them.
  package func match(_ application: InstalledApplication) -> ApplicationMatch {
    ApplicationMatcher(self).match(application)
  }
}

/// Finds what applications need in the vendor's catalogue.
///
/// An application is looked for by the indexes' own names (`KES`, also with a number at its end: `KESMAC11`), by the name
/// that people see without its numbers, and the Administration Server and its agent as what the indexes call `KSC`. Its
/// version is looked for by the build, then by its first three places, in the version that people see and in that of the
/// indexes. In doubt more is found, not less.
package struct ApplicationMatcher: Sendable {
  /// A product, and what is looked for of it.
  private struct Entry {
    let product: Product
    /// The letters of its name before its version.
    let line: String
    /// What the indexes call it, in capitals.
    let names: Set<String>
    /// The versions that it stands for.
    let versions: [VersionPattern]
  }

  private let entries: [Entry]
  /// What the indexes call the products of a line, in capitals.
  private let namesOfLine: [String: Set<String>]

  /// Reads a catalogue once for many applications.
  package init(_ catalogue: ProductCatalogue) {
    entries = catalogue.products.map {
      Entry(product: $0, line: $0.line, names: $0.applicationNames, versions: $0.versionPatterns)
    }
    var names: [String: Set<String>] = [:]
    for entry in entries { names[entry.line, default: []].formUnion(entry.names) }
    namesOfLine = names
  }

  /// Finds what an application needs.
  package func match(_ application: InstalledApplication) -> ApplicationMatch {
    let candidates = entries(of: application)
    guard !candidates.isEmpty else {
      let name = application.name.filter { !" ;|!?*".contains($0) }
      return ApplicationMatch(
        certainty: .unknown,
        products: [],
        applications: name.isEmpty ? [] : [name.uppercased()],
        components: [],
        primaries: []
      )
    }
    let exact = candidates.filter { Self.isBuild(application.build, of: $0) }
    if !exact.isEmpty { return found(exact, .version) { $0 } }
    let near = candidates.filter { Self.isNear(application, $0) }
    // Another build of the version: what the indexes have for any build of it.
    if !near.isEmpty { return found(near, .version) { VersionPattern.withoutBuild($0) } }
    return found(candidates, .application) { $0.split(separator: " ").first.map(String.init) ?? $0 }
  }

  private func found(
    _ entries: [Entry],
    _ certainty: ApplicationMatch.Certainty,
    _ pattern: (String) -> String
  ) -> ApplicationMatch {
    var (applications, components): ([String], [String]) = ([], [])
    for entry in entries {
      // What the catalogue does not say of a version is as the rest of its line, of any version.
      let named =
        entry.names.isEmpty ? (namesOfLine[entry.line] ?? []).sorted() : entry.product.applications.map(pattern)
      // "KES 11.4.0.233 (AES-56)": what stands in parentheses is for people.
      applications += named.map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
      components += entry.product.components
    }
    return ApplicationMatch(
      certainty: certainty,
      products: entries.map(\.product.name),
      applications: Set(applications).sorted(),
      components: Set(components).sorted(),
      primaries: Set(entries.flatMap(\.product.trees)).sorted()
    )
  }
}

// MARK: - Names

extension ApplicationMatcher {
  /// All versions of an application.
  private func entries(of application: InstalledApplication) -> [Entry] {
    let name = application.name.uppercased()
    // The numbers of the Administration Server and of the Network Agent.
    if name == "1093" || name == "1103" { return entries(called: "KSC") }
    let named = entries(called: name)
    if !named.isEmpty { return named }
    let shortened = entries(called: String(name.reversed().drop(while: \.isNumber).reversed()))
    if !shortened.isEmpty { return shortened }
    return entries(shownAs: application.displayName ?? "")
  }

  private func entries(called name: String) -> [Entry] {
    guard !name.isEmpty else { return [] }
    return entries.filter { ($0.names.isEmpty ? namesOfLine[$0.line] ?? [] : $0.names).contains(name) }
  }

  /// `Kaspersky Endpoint Security 12.1 for Linux` is of the line `KasperskyEndpointSecurityForLinux`; the beginning of a
  /// line's name will do where it is of no other.
  private func entries(shownAs displayName: String) -> [Entry] {
    let letters = Product.letters(of: displayName.prefix { $0 != "(" })
    // "Kaspersky" alone says nothing.
    guard letters.utf8.count >= 12 else { return [] }
    let same = entries.filter { $0.line == letters }
    if !same.isEmpty { return same }
    let beginning = entries.filter { $0.line.hasPrefix(letters) }
    return Set(beginning.map(\.line)).count == 1 ? beginning : []
  }
}

// MARK: - Versions

extension ApplicationMatcher {
  /// Whether a product is of that very build.
  private static func isBuild(_ build: String?, of entry: Entry) -> Bool {
    guard let build, let numbers = VersionPattern.numbers(build), numbers.count >= 3 else { return false }
    return entry.versions.contains { $0.places.count >= numbers.count && $0.admits(numbers) }
  }

  /// Whether a product is of the same version, if not the same build.
  private static func isNear(_ application: InstalledApplication, _ entry: Entry) -> Bool {
    let wanted = [application.build, application.version].compactMap { $0 }.compactMap(VersionPattern.numbers)
      .filter { $0.count >= 3 }.map { Array($0.prefix(3)) }
    return wanted.contains { numbers in
      entry.versions.contains { $0.places.count >= 3 && $0.admits(numbers) }
    }
  }
}

extension Product {
  /// The letters of its name before its version, in lower case: `kasperskyendpointsecurityforlinux`.
  fileprivate var line: String {
    let parts = name.split(separator: "_")
    let version = parts.firstIndex { $0.first?.isNumber == true || $0.hasPrefix("SP") || $0.hasPrefix("MR") }
    return Self.letters(of: parts[..<(version ?? parts.endIndex)].joined())
  }

  fileprivate static func letters(of text: some StringProtocol) -> String {
    String(text.lowercased().filter { $0.isASCII && $0.isLetter })
  }

  /// What the indexes call it, in capitals.
  fileprivate var applicationNames: Set<String> {
    Set(applications.compactMap { $0.split(separator: " ").first?.uppercased() })
  }

  /// The versions that it stands for, those that people see and those of the indexes.
  fileprivate var versionPatterns: [VersionPattern] {
    let shown = VersionPattern.shown(version)
    return shown
      + applications.flatMap { pattern in
        pattern.split(separator: " ").dropFirst().prefix(1).compactMap { VersionPattern($0) }
      }
  }
}

extension VersionPattern {
  /// The numbers of a version without patterns; `nil` for what is none.
  fileprivate static func numbers(_ text: String) -> [UInt32]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { UInt32($0) }
    return numbers.count == parts.count && !numbers.isEmpty ? numbers : nil
  }

  /// Whether a version fits, by the places that it has.
  fileprivate func admits(_ numbers: [UInt32]) -> Bool {
    zip(numbers, places).allSatisfy { number, place in place.contains { $0.contains(number) } }
  }

  /// Versions as the catalogue shows them to people: `12.1.0.506 (AES-256)`, `6.1.0.[945, 992]`,
  /// `10.1.[0.5960, 1.6421]`, `5.5.[80 - 86]`. Returns an empty array for any other format.
  fileprivate static func shown(_ text: String) -> [VersionPattern] {
    let plain = text.prefix { $0 != "(" }.filter { $0 != " " }
    guard let start = plain.firstIndex(of: "["), let end = plain.lastIndex(of: "]"), start < end else {
      return VersionPattern(Substring(plain)).map { [$0] } ?? []
    }
    let (before, after) = (plain[..<start], plain[plain.index(after: end)...])
    return plain[plain.index(after: start)..<end].split(separator: ",").compactMap { choice in
      VersionPattern(Substring(before + (choice.contains("-") ? "[\(choice)]" : String(choice)) + after))
    }
  }

  /// A pattern of an application, with the place of the build left out: `KES 21.13.5.506` as `KES 21.13.5`.
  fileprivate static func withoutBuild(_ pattern: String) -> String {
    let halves = pattern.split(separator: " ")
    guard halves.count >= 2 else { return pattern }
    return "\(halves[0]) \(halves[1].split(separator: ".").prefix(3).joined(separator: "."))"
  }
}
