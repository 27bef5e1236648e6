import Catalogue
import JobCore
import MirrorConfiguration
import MirrorTypes
import StoreTrust
import Trust
import UpdateIndex

/// What the vendor's own signatures say of an update tree.
package struct VendorReport: Sendable, Encodable {
  /// How many indexes have a signature that is right.
  package internal(set) var indexes = 0
  /// How many files have the digest that such an index gives.
  package internal(set) var files = 0
  /// How many files carry no signature, and no digest in a signed index, that can be checked.
  package internal(set) var notVerifiable = 0
  /// Some of the indexes that carry no signature that can be checked.
  package internal(set) var notVerifiableIndexes: [String] = []
  /// How many files signed indexes name that the tree does not have, of what was chosen.
  package internal(set) var absent = 0
  /// How many indexes signed indexes name that the tree does not have, of what was chosen.
  package internal(set) var absentIndexes = 0
  /// Some of these, the indexes first.
  package internal(set) var absentNames: [String] = []
  /// Whether it is known what was chosen: if not, all that is named counts, and nothing follows from it.
  package internal(set) var isSelectionKnown = false
  /// How many indexes carry the vendor's signature and are named by nothing: what is left of an earlier state.
  package internal(set) var leftOver = 0
  /// Some of them.
  package internal(set) var leftOverIndexes: [String] = []
  /// Primary indexes that stand in another index in another form than they lie in the tree.
  package internal(set) var differingPrimaries: [String] = []
  /// Signed indexes that are older than those of the snapshot that is here, if that was compared.
  package internal(set) var olderIndexes: [String] = []
  /// Files that could be verified in the snapshot that is here, and cannot be any more, since the index that proved them
  /// is missing though a signed one names it.
  package internal(set) var unproven: [Problem] = []
  /// Indexes that signed ones name and the tree lacks, though files of their folders are here that nothing proves.
  package internal(set) var leftOut: [Problem] = []
  /// Whether a primary index with the vendor's signature is here, or no part of an update tree at all.
  package internal(set) var hasSignedPrimary = true
  /// What is wrong.
  package internal(set) var problems: [Problem] = []
  /// The dates of the primary indexes.
  package internal(set) var primaries: [String: UTCTime] = [:]

  /// How many paths a report names.
  static let samples = 20

  /// Something that is wrong.
  package struct Problem: Sendable, Encodable {
    /// The file.
    package let path: String
    /// What is wrong with it.
    package let reason: String
  }

  /// Whether nothing is wrong.
  package var isClean: Bool { problems.isEmpty }

  /// Whether nothing is missed that was chosen.
  package var isComplete: Bool { !isSelectionKnown || absent + absentIndexes == 0 }

  /// Decides whether a tree is taken.
  ///
  /// - Throws: an error with ``ExitStatus/vendorSignature`` or ``ExitStatus/notVerifiable``.
  package func judge(_ strictness: VendorSettings.Signatures, at place: String) throws {
    if strictness == .off { return }
    if let first = problems.first {
      let others = Words.moreAside(than: 1, of: problems.count)
      throw JobError(
        .vendorSignature,
        "\(place): \(first.path): \(first.reason)\(others)",
        remedy:
          "Nothing was published. If a fresh copy shows the same, the file is not the vendor's: find out who could have changed it."
      )
    }
    guard strictness == .required, notVerifiable > 0 else { return }
    let sample = notVerifiableIndexes.first.map { ", such as \($0)" } ?? ""
    throw JobError(
      .notVerifiable,
      "\(place): \(Words.count(notVerifiable, "file carries", "files carry")) no signature of the vendor's that can be verified\(sample)",
      remedy:
        "If only the generation 1901g is mirrored (indexes = [\"index/u1901g.xml\"]), all of it is signed: do not trust this copy. Else mirror only that generation, or set vendor_signatures = \"check\"."
    )
  }
}

extension VendorReport {
  /// Refuses a tree whose files have lost what proved them.
  ///
  /// - Throws: an error with ``ExitStatus/vendorSignature``.
  package func refuseUnproven(at place: String) throws {
    guard let first = unproven.first else { return }
    let others = Words.moreAside(than: 1, of: unproven.count)
    throw JobError(
      .vendorSignature,
      "\(place): \(first.path): \(first.reason), though a signed index names it\(others)",
      remedy:
        "Nothing was published: an attacker may have removed the index to replace the vendor's files. If the connected side leaves it out on purpose, pass --allow-older."
    )
  }
}

extension VendorReport {
  /// Refuses a tree without what the vendor signs: on a first import nothing from before is missed.
  ///
  /// - Parameters:
  ///   - snapshots: those that are here. One with a signed primary index is what is compared with, where there is one
  ///     (``PrimaryDates/refuseWithoutSigned(_:after:at:)``).
  ///   - allowsMissing: whether indexes may be missing below a signed primary one.
  /// - Throws: an error with ``ExitStatus/notVerifiable`` for a tree without any signed primary index, and with
  ///   ``ExitStatus/vendorSignature`` for one that lacks an index which would prove files that it has.
  package func refuseLeftOut(
    _ settings: VendorSettings,
    after snapshots: [Snapshot],
    allowsMissing: Bool,
    at place: String
  ) throws {
    guard settings.expectsSigned else { return }
    let hadSigned = snapshots.contains { snapshot in
      let sources = SnapshotNotes(snapshot.notes)?.sources.values.map { $0 } ?? []
      return sources.contains { $0.primaries.keys.contains(where: PrimaryIndexes.signed.contains) }
    }
    guard hasSignedPrimary || hadSigned else {
      throw JobError(
        .notVerifiable,
        "\(place): it has no primary index that the vendor signs (such as index/u1901g.xml), so that nothing in it can be verified",
        remedy:
          "Nothing was published. If the connected side mirrors only old generations on purpose, set vendor_expect_signed = false."
      )
    }
    guard !allowsMissing, let first = leftOut.first else { return }
    let others = leftOut.count > 1 ? " (and \(leftOut.count - 1) more)" : ""
    throw JobError(
      .vendorSignature,
      "\(place): \(first.path): \(first.reason)\(others)",
      remedy:
        "Nothing was published: somebody may have taken the index away to put other files in the place of the vendor's. If the connected side leaves it out on purpose, pass --allow-older, or set vendor_expect_signed = false."
    )
  }
}

/// Primary indexes never go back in date: who replays old ones would hide newer databases.
package enum PrimaryDates {
  /// Refuses primary indexes that are older than those of the snapshot that is here.
  package static func refuseOlder(
    _ dates: [String: UTCTime],
    than here: SourceNotes,
    at place: String
  ) throws {
    for (path, before) in here.primaries.sorted(by: { $0.key < $1.key }) {
      guard let now = dates[path], now < before else { continue }
      throw JobError(
        .olderIndex,
        "\(place): the primary index \(path) is of \(now.text), older than \(before.text) here",
        remedy:
          "An attacker may be replaying old databases. If the vendor has taken an update back, or the connected side has gone back to an earlier release, pass --allow-older."
      )
    }
  }

  /// Refuses a tree without a signed primary index that was here before: whoever takes it away takes every signature away
  /// that hangs off it.
  package static func refuseWithoutSigned(
    _ dates: [String: UTCTime],
    after here: SourceNotes,
    at place: String
  ) throws {
    let lost = here.primaries.keys.sorted().first { PrimaryIndexes.signed.contains($0) && dates[$0] == nil }
    guard let lost else { return }
    throw JobError(
      .olderIndex,
      "\(place): the primary index \(lost), which the vendor signs, was here before and is missing now",
      remedy:
        "Without it nothing below it can be verified. If the connected side leaves it out on purpose, pass --allow-older."
    )
  }
}
