import MirrorTypes

/// An application as an Administration Server tells of it, which names and counts otherwise than the indexes do: what is
/// `KES 12.1.0.0` there, build `12.1.0.506`, is `KES 21.13.5.506` in them.
public struct InstalledApplication: Sendable, Hashable {
  /// Its short name there: `KES`, `1103`, `kesl`.
  public let name: String
  /// Its version there, the last places of which are often zero: `12.1.0.0`.
  public let version: String
  /// Its version in full, as people see it: `12.1.0.506`; `nil` where the server did not tell.
  public let build: String?
  /// The name that people see: `Kaspersky Endpoint Security 12.1 for Linux`.
  public let displayName: String?

  /// An application.
  public init(name: String, version: String, build: String? = nil, displayName: String? = nil) {
    self.name = name
    self.version = version
    self.build = build
    self.displayName = displayName
  }
}

/// What of an update tree an installed application needs, by the vendor's own catalogue.
public struct ApplicationMatch: Sendable, Hashable {
  /// How sure the catalogue is.
  public enum Certainty: String, Sendable, Hashable, Codable {
    /// It has this version.
    case version
    /// It has the application, and not this version: what all its versions need is taken.
    case application
    /// It does not have the application: what indexes restrict to this very name is taken, and no component can be left
    /// out for its sake.
    case unknown
  }

  /// How sure the catalogue is.
  public let certainty: Certainty
  /// The catalogue's names of what was found.
  public let products: [String]
  /// Patterns of applications, as a ``Selection`` takes them.
  public let applications: [String]
  /// Components; of an application that is unknown, none.
  public let components: [String]
  /// Primary indexes; of an application that is unknown, none.
  public let primaries: [TreePath]

  /// The same with patterns of applications that somebody knows better.
  public func called(_ patterns: [String]) -> ApplicationMatch {
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
  /// Finds what an application needs.
  ///
  /// The application is looked for by the indexes' own names (`KES`, also with a number at its end: `KESMAC11`), by the
  /// name that people see without its numbers, and the Administration Server and its agent as what the indexes call
  /// `KSC`. Its version is looked for by the build, then by its first three places, in the version that people see and in
  /// that of the indexes. In doubt more is found, not less.
  public func match(_ application: InstalledApplication) -> ApplicationMatch {
    let lines = CatalogueLines(products)
    let candidates = lines.products(of: application)
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
    let exact = candidates.filter { $0.isBuild(application.build) }
    if !exact.isEmpty { return found(exact, .version, lines) { $0 } }
    let near = candidates.filter { $0.isNear(application) }
    // Another build of the version: what the indexes have for any build of it.
    if !near.isEmpty { return found(near, .version, lines) { VersionPattern.withoutBuild($0) } }
    return found(candidates, .application, lines) { $0.split(separator: " ").first.map(String.init) ?? $0 }
  }

  private func found(
    _ products: [Product],
    _ certainty: ApplicationMatch.Certainty,
    _ lines: CatalogueLines,
    _ pattern: (String) -> String
  ) -> ApplicationMatch {
    var (applications, components): ([String], [String]) = ([], [])
    for product in products {
      // What the catalogue does not say of a version is as the rest of its line, of any version.
      let named = product.applications.isEmpty ? lines.names(of: product) : product.applications.map(pattern)
      // "KES 11.4.0.233 (AES-56)": what stands in parentheses is for people.
      applications += named.map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
      components += product.components
    }
    return ApplicationMatch(
      certainty: certainty,
      products: products.map(\.name),
      applications: Set(applications).sorted(),
      components: Set(components).sorted(),
      primaries: Set(products.flatMap(\.trees)).sorted()
    )
  }
}

/// The catalogue's products by lines: all versions of one product.
private struct CatalogueLines {
  private let products: [Product]
  /// The names that indexes have for a line, in capitals.
  private let namesOfLine: [String: Set<String>]

  init(_ products: [Product]) {
    self.products = products
    var names: [String: Set<String>] = [:]
    for product in products { names[product.line, default: []].formUnion(product.applicationNames) }
    namesOfLine = names
  }

  /// What the indexes call a line.
  func names(of product: Product) -> [String] { (namesOfLine[product.line] ?? []).sorted() }

  /// All versions of an application.
  func products(of application: InstalledApplication) -> [Product] {
    let name = application.name.uppercased()
    // The numbers of the Administration Server and of the Network Agent.
    if name == "1093" || name == "1103" { return products(called: "KSC") }
    let named = products(called: name)
    if !named.isEmpty { return named }
    let shortened = products(called: String(name.reversed().drop(while: \.isNumber).reversed()))
    if !shortened.isEmpty { return shortened }
    return products(shownAs: application.displayName ?? "")
  }

  private func products(called name: String) -> [Product] {
    guard !name.isEmpty else { return [] }
    return products.filter {
      let names = $0.applicationNames
      return (names.isEmpty ? namesOfLine[$0.line] ?? [] : names).contains(name)
    }
  }

  /// `Kaspersky Endpoint Security 12.1 for Linux` is of the line `KasperskyEndpointSecurityForLinux`; the beginning of a
  /// line's name will do where it is of no other.
  private func products(shownAs displayName: String) -> [Product] {
    let letters = Product.letters(of: displayName.prefix { $0 != "(" })
    // "Kaspersky" alone says nothing.
    guard letters.utf8.count >= 12 else { return [] }
    let same = products.filter { $0.line == letters }
    if !same.isEmpty { return same }
    let beginning = products.filter { $0.line.hasPrefix(letters) }
    return Set(beginning.map(\.line)).count == 1 ? beginning : []
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

  /// Whether it is that very build.
  fileprivate func isBuild(_ build: String?) -> Bool {
    guard let build, let numbers = VersionPattern.numbers(build), numbers.count >= 3 else { return false }
    return versionPatterns.contains { $0.places.count >= numbers.count && $0.admits(numbers) }
  }

  /// Whether it is of the same version, if not the same build.
  fileprivate func isNear(_ application: InstalledApplication) -> Bool {
    let wanted = [application.build, application.version].compactMap { $0 }.compactMap(VersionPattern.numbers)
      .filter { $0.count >= 3 }.map { Array($0.prefix(3)) }
    return wanted.contains { numbers in
      versionPatterns.contains { $0.places.count >= 3 && $0.admits(numbers) }
    }
  }

  /// The versions that it stands for, those that people see and those of the indexes.
  private var versionPatterns: [VersionPattern] {
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
  /// `10.1.[0.5960, 1.6421]`, `5.5.[80 - 86]`. What is none of that is none.
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
