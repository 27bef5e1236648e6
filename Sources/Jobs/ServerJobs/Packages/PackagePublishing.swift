import AdministrationServer
import BundleFormat
import ContentStore
import FileSystem
import JobCore
import Journal
import MirrorTypes
import SystemPackage

extension PackageJob {
  /// Makes packages of installers, has their agreements accepted where somebody says so, and publishes them; what is
  /// there already is not made again.
  ///
  /// Nothing is given out before all packages are made: only then it is known which agreements there are, so that a name
  /// means the same one for all of them.
  ///
  /// - Parameters:
  ///   - confirm: is asked once, when there is something to do.
  ///   - agree: is asked for each agreement that has to be accepted, and that ``Options/agreements`` does not name;
  ///     `nil`: there is nobody to ask.
  /// - Throws: an error; what was published before it stays. With ``ExitStatus/agreementNotAccepted`` where a package
  ///   waits for an agreement; the others are published all the same.
  package func publish(confirm: Confirmation, agree: Agreeing?) async throws -> PackageReport {
    try await change("publishing packages", where: { !$0.isPublished }) { report, shelf, server in
      report.packages = try inspected(report.packages, shelf)
      if options.dryRun {
        try await look(at: &report, server)
        return
      }
      let isConfirmed = try confirmed(&report, confirm)
      guard isConfirmed || report.due.isEmpty && !options.agreements.isEmpty else { return }
      let failure = isConfirmed ? await recordAll(&report, shelf, server) : nil
      let agreements: AgreementShelf
      do {
        agreements = try await agreed(&report, server, agree)
      } catch {
        // A name may belong to the package that could not be made.
        throw failure ?? error
      }
      try await giveOut(&report, agreements, server)
      if let failure { throw failure }
      if !report.waiting.isEmpty { throw refusal(report) }
    }
  }

  private func positions(_ report: PackageReport) -> [Int] {
    report.packages.indices.filter { report.due.contains(report.packages[$0].path) }
  }

  /// Has packages made of what the server does not have, up to the first failure.
  private func recordAll(
    _ report: inout PackageReport,
    _ shelf: PackageShelf,
    _ server: AdministrationServer
  ) async -> (any Error)? {
    for position in positions(report) where report.packages[position].package == nil {
      do {
        report.packages[position].package = try await record(report.packages[position], shelf, server)
      } catch {
        return error
      }
    }
    return nil
  }

  // MARK: - Agreements

  /// Tells which agreements wait, of those packages that the server has.
  private func look(at report: inout PackageReport, _ server: AdministrationServer) async throws {
    let agreements = try await AgreementShelf(of: Set(report.packages.compactMap(\.package)), on: server)
    report.agreements = agreements.agreements
    // An agreement of a package that is not made yet has no name yet.
    let mayCome = positions(report).contains { report.packages[$0].package == nil }
    let known = options.agreements.filter { word in
      !mayCome || (try? AgreementChoice.agreement(word, among: agreements.agreements)) != nil
    }
    let named = try AgreementChoice.numbers(known, among: agreements.agreements)
    report.waiting = waiting(report, agreements).map(\.number).filter { !named.contains($0) }
  }

  /// Has agreements accepted that somebody has named, or accepts now.
  private func agreed(
    _ report: inout PackageReport,
    _ server: AdministrationServer,
    _ agree: Agreeing?
  ) async throws -> AgreementShelf {
    var shelf = try await AgreementShelf(of: Set(report.packages.compactMap(\.package)), on: server)
    var accepted = try AgreementChoice.numbers(options.agreements, among: shelf.agreements)
    if let agree {
      for agreement in waiting(report, shelf) where !accepted.contains(agreement.number) {
        if try agree(agreement, shelf.text(of: agreement)) { accepted.insert(agreement.number) }
      }
    }
    let due = accepted.intersection(shelf.agreements.filter { !$0.isAccepted }.map(\.number))
    report.accepted = try await accept(due, in: &shelf, on: server, at: report.server)
    report.agreements = shelf.agreements
    report.waiting = waiting(report, shelf).map(\.number)
    return shelf
  }

  /// Accepts agreements, and notes it.
  ///
  /// - Returns: the numbers of those that were not accepted before.
  private func accept(
    _ numbers: Set<Int64>,
    in shelf: inout AgreementShelf,
    on server: AdministrationServer,
    at address: String
  ) async throws -> [Int64] {
    guard !numbers.isEmpty else { return [] }
    let user = configuration.administrationServer?.user ?? "of a token"
    let shown = numbers.sorted().map(String.init).joined(separator: ", ")
    let beginning = AuditNote(
      .agreement,
      "the acceptance of agreements on \(address), numbers \(shown)",
      ["server": .string(address), "user": .string(user)]
    )
    return try await audit.noting(beginning) { change in
      let now = try await shelf.accept(numbers, on: server)
      var notes = now.map { AuditNote.agreement($0, acceptedOn: address, as: user) }
      let last =
        notes.popLast() ?? AuditNote(.agreement, "the agreements on \(address), numbers \(shown), were accepted before")
      for note in notes { try change.alsoNote(note) }
      return (now.map(\.number), last)
    }.value
  }

  /// The agreements that installers wait for, each once.
  private func waiting(_ report: PackageReport, _ shelf: AgreementShelf) -> [PackageAgreement] {
    let packages = positions(report).compactMap { report.packages[$0].package }
    let numbers = Set(packages.flatMap { shelf.waiting(for: $0).map(\.number) })
    return shelf.agreements.filter { numbers.contains($0.number) }
  }

  private func refusal(_ report: PackageReport) -> JobError {
    let waiting = report.agreements.filter { report.waiting.contains($0.number) }
    let paths = positions(report).map { report.packages[$0] }.filter { package in
      waiting.contains { $0.packages.contains(package.package ?? 0) }
    }
    let names = waiting.map { agreement in
      report.agreements.count { $0.name == agreement.name } == 1 ? agreement.name : "\(agreement.number)"
    }
    let place = "--config \(ShellWord.quoted(configuration.file.description))"
    let files = paths.map { ShellWord.quoted($0.path) }.joined(separator: " ")
    let accepting = names.map { "--accept-agreement \($0)" }.joined(separator: " ")
    return JobError(
      .agreementNotAccepted,
      "not given out, since an agreement is not accepted: \(paths.map { "packages/\($0.path)" }.joined(separator: ", "));"
        + " it waits for \(waiting.map(\.title).joined(separator: ", "))",
      remedy: """
        Read the text: kscmirror package agreements \(place) --text \(names.first ?? "NUMBER")
        If you accept it: kscmirror package publish \(place) \(files) \(accepting) --yes
        """
    )
  }

  // MARK: - Giving out

  /// Has all installers given out that wait for nothing.
  private func giveOut(
    _ report: inout PackageReport,
    _ agreements: AgreementShelf,
    _ server: AdministrationServer
  ) async throws {
    for position in positions(report) {
      guard let id = report.packages[position].package, agreements.waiting(for: id).isEmpty else { continue }
      try await noting(position, &report) { report in
        try await giveOut(&report.packages[position], id, server)
      }
    }
  }

  private func giveOut(_ package: inout ShelvedPackage, _ id: Int64, _ server: AdministrationServer) async throws {
    if package.standalone == nil {
      reporter.report(.phase("having a stand-alone package made of \(package.path)"))
      var made = try await server.standalonePackages(of: id)
      if made.isEmpty {
        try await server.makeStandalonePackage(of: id)
        made = try await server.standalonePackages(of: id)
      }
      package.standalone = made.first?.id
    }
    guard let standalone = package.standalone else {
      throw JobError(
        .badAnswer,
        "packages/\(package.path): the server has made no stand-alone package of package \(id)",
        remedy: "See on the server what became of it, and run it again."
      )
    }
    package.address = try await server.publish(standalonePackage: standalone)
    package.isPublished = true
  }
}
