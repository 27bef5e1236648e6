import BundleFormat
import FileSystem
import JobCore
import Sites
import SystemPackage
import Trust

/// Takes receipts from a medium: verifies them, places them, keeps them. Sites become known by their key's fingerprint
/// only.
struct ReceiptIntake: InContext {
  /// What makes a site known, or lets another key take the place of the one that is known.
  struct Admission {
    /// The fingerprint that a person was given.
    var fingerprint: Fingerprint?
    /// Whether the key may take another one's place.
    var replace = false
  }

  let context: JobContext
  let registry: SiteRegistry

  init(_ context: JobContext) {
    self.context = context
    registry = SiteRegistry(context.folders)
  }

  /// The most receipts that are taken from one medium.
  private static let maximumFiles = 1000
  /// How many names of a medium's folder are looked at.
  private static let mostEntries = 100_000

  /// The receipts at a path: the file itself, or those in a folder.
  static func find(at path: FilePath) throws -> [Place] {
    let resolved = try Files.resolvingLinks(path)
    guard let medium = try OpenFolder.ifFolder(resolved)?.place else { return [try Place(at: resolved)] }
    let names = try medium.entries(atMost: mostEntries).filter { ReceiptNames.isReceipt($0.name) }
    guard names.count <= maximumFiles else {
      throw JobError(
        .badReceipt,
        "\(path): more than \(maximumFiles) receipts here; kscmirror never writes that many to one stick"
      )
    }
    return names.map { medium.appending($0) }
  }

  /// Takes one receipt. The caller holds the lock of the receipts.
  ///
  /// - Throws: an error with ``ExitStatus/badReceipt``, or ``ExitStatus/unknownKey`` for a key that is not known.
  func take(_ signed: SignedReceipt, from file: Place, _ admission: Admission) throws -> CollectedReceipt {
    let name = signed.receipt.site
    guard var site = try known(signed, file, admission) else {
      try refuseUnadmitted(signed, file, admission)
      let news = AuditNote.site("site \(name) is known by its key: \(signed.fingerprint)", name)
      // Something may be there all the same: what a killed run has left of one that was forgotten.
      return try keep(signed, from: file, as: .first, in: fresh(signed), after: news)
    }
    var news: AuditNote?
    if site.fingerprint != signed.fingerprint {
      news = .site("site \(name) has another key now: \(signed.fingerprint)", name)
      site = fresh(signed)
    }
    let order = ReceiptOrder(of: signed, after: site)
    if order.isTaken || news != nil { return try keep(signed, from: file, as: order, in: site, after: news) }
    return CollectedReceipt(signed.receipt, file: file, order: order, text: order.text(signed.receipt, after: site))
  }

  /// What is known of the receipt's site, if its key is the one that is known, or may take its place.
  private func known(
    _ signed: SignedReceipt,
    _ file: Place,
    _ admission: Admission
  ) throws -> KnownSite? {
    guard let site = try registry.site(named: signed.receipt.site) else { return nil }
    let isAdmitted = admission.replace && admission.fingerprint == signed.fingerprint
    guard site.fingerprint == signed.fingerprint || isAdmitted else {
      throw JobError(
        .unknownKey,
        "\(file): this receipt of site '\(site.name)' is signed by another key than the one that is known: \(signed.fingerprint)",
        remedy:
          "If the site was installed again, compare this with what 'kscmirror trust show' says there, over a telephone, and collect again with --replace --fingerprint. Otherwise somebody else made it: do not trust it."
      )
    }
    return site
  }

  private func refuseUnadmitted(_ signed: SignedReceipt, _ file: Place, _ admission: Admission) throws {
    let name = signed.receipt.site
    if let other = try registry.site(with: signed.fingerprint) {
      throw JobError(
        .unknownKey,
        "\(file): site '\(name)' is not known here, and its key is that of site '\(other.name)'",
        remedy:
          "If the site was renamed, run 'kscmirror site rename \(other.name) \(name)' here, then this again. If both are there, one is a copy of the other: remove keys/site.key in the store of the copy, so that it gets a key of its own."
      )
    }
    guard let fingerprint = admission.fingerprint else {
      throw JobError(
        .unknownKey,
        "\(file): site '\(name)' is not known here yet, and nothing was collected. The fingerprint of its key is",
        details: signed.fingerprint.lines,
        remedy:
          "Compare it with what 'kscmirror trust show' says there, over a telephone or on paper, not by the same stick. Then collect again with the fingerprint after the path."
      )
    }
    guard fingerprint == signed.fingerprint else {
      throw JobError(
        .unknownKey,
        "\(file): the fingerprint of the key of site '\(name)' is not the one that you gave",
        details: signed.fingerprint.comparison(with: fingerprint),
        remedy: "Have it read to you again. If it still differs, do not trust this receipt until you know the reason."
      )
    }
    try SiteRegistry.refuseTwin(of: name, among: registry.names())
  }

  private func fresh(_ signed: SignedReceipt) -> KnownSite {
    KnownSite(
      name: signed.receipt.site,
      fingerprint: signed.fingerprint,
      since: clock.now,
      highest: 0,
      receipts: [],
      packed: nil
    )
  }

  /// - Parameter news: that the site's key is new: what is known of the site by another one goes.
  private func keep(
    _ signed: SignedReceipt,
    from file: Place,
    as order: ReceiptOrder,
    in site: KnownSite,
    after news: AuditNote?
  ) throws -> CollectedReceipt {
    let receipt = signed.receipt
    // A number that is given anew takes the place of the receipt that had it.
    let earlier = site.receipts.filter { $0.signed.receipt.number != receipt.number }
    let next = KnownSite(
      name: site.name,
      fingerprint: site.fingerprint,
      since: site.since,
      highest: max(site.highest, receipt.number),
      receipts: earlier + [.init(signed: signed, received: clock.now)],
      packed: site.packed,
      formerNames: site.formerNames
    )
    let text = order.text(receipt, after: site)
    let beginning = AuditNote.receipt(receipt, "the taking of receipt \(receipt.number) of site \(site.name)")
    try audit.noting(beginning) { change in
      if let news {
        try registry.files(site.name).remove()
        try change.alsoNote(news)
      }
      try registry.files(site.name).save(next)
      return .receipt(receipt, text)
    }
    return CollectedReceipt(receipt, file: file, order: order, text: text)
  }

  /// Removes a receipt from a medium that a site has left there under a name that it had before.
  ///
  /// - Returns: whether it was one.
  func clearFormer(_ signed: SignedReceipt, _ file: Place) throws -> Bool {
    let name = signed.receipt.site
    guard let site = try registry.site(with: signed.fingerprint), site.formerNames.contains(name) else { return false }
    do {
      try file.remove()
      reporter.information("former-receipt", "\(file): removed, since site '\(name)' is called '\(site.name)' now")
    } catch {
      // On a medium that cannot be written to it stays, and means nothing.
      reporter.information("former-receipt", "\(file): ignored, since site '\(name)' is called '\(site.name)' now")
    }
    return true
  }

  /// Notes in the journal that a receipt was refused.
  func noteRefusal(of file: Place, _ error: JobError) {
    audit.noteRefusal("a receipt was refused: \(error.message)", ["file": .string("\(file)")], error, reporter)
  }
}

extension ReceiptOrder {
  /// What is said of a receipt that stands so.
  fileprivate func text(_ receipt: Receipt, after site: KnownSite) -> String {
    let holds = receipt.current.map { "holds snapshot \($0.snapshot)" } ?? "holds nothing yet"
    let which = "receipt \(receipt.number) of \(receipt.time.text)"
    let before = site.newest
    switch self {
    case .first: return "site \(site.name) is known now, and \(holds) (\(which))"
    case .newer: return "site \(site.name) \(holds) (\(which))"
    case .rolledBack:
      let from = before?.current.map { "\($0.snapshot)" } ?? "none"
      return "site \(site.name) \(holds) (\(which)); it went back from snapshot \(from): rolled back, or restored"
    case .restored:
      return
        "site \(site.name) \(holds) (\(which)); its number does not follow \(before?.number ?? 0): the site was restored from a backup"
    case .same: return "site \(site.name) \(holds) (\(which)), as already known"
    case .older:
      return
        "ignored \(which) of site \(site.name): it is older than receipt \(before?.number ?? 0) of \((before?.time ?? .epoch).text), which is known"
    }
  }
}
