import Console
import MirrorTypes
import Packing
import Parcels

/// Shows what became of a pack.
package struct PackView {
  private let report: PackReport
  /// How long it took.
  private let seconds: Double
  /// Whether it went into a stream, so that no stick is there.
  private let isStreamed: Bool

  /// - Parameters:
  ///   - report: what became of it.
  ///   - seconds: how long that took.
  ///   - isStreamed: whether the bundle went into a stream.
  package init(_ report: PackReport, seconds: Double, isStreamed: Bool) {
    self.report = report
    self.seconds = seconds
    self.isStreamed = isStreamed
  }

  package func show() {
    switch report {
    case .written(let written): show(written)
    case .planned(let planned): show(planned)
    case .nothingToCarry(let nothing): show(nothing)
    }
  }

  private func show(_ written: PackReport.Written) {
    head(written.wasThere ? "was already there:" : "wrote", written.load)
    for volume in written.volumes { Console.line("  \(volume.name)  \(Words.bytes(volume.bytes))") }
    let recipient = written.subject.site.map { "site \($0)" } ?? "any site"
    Console.line("for \(recipient); metadata version \(written.version), expires \(Timestamp.local(written.expires))")
    show(written.deliveries)
    guard let medium = written.medium else { return }
    let bytes =
      written.bundleBytes + written.deliveries.totalBytes { $0.bytes }
      + written.load.programs.totalBytes { $0.bytes }
    Console.written(to: medium, bytes, isReadBack: written.isReadBack, wasThere: written.wasThere, seconds)
  }

  private func show(_ planned: PackReport.Planned) {
    head("would write", planned.load)
    for share in planned.load.components {
      let reasons = [(share.changed, "changed"), (share.renewed, "in place of another"), (share.new, "new")]
        .filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
      Console.line("  \(share.name.isEmpty ? "(no component)" : share.name): \(Words.bytes(share.bytes)); \(reasons)")
    }
    Console.line(
      "at most \(Words.bytes(planned.worstCaseBytes)); \(Words.bytes(planned.load.freeBytes)) free in \(planned.subject.folder)"
    )
  }

  private func show(_ nothing: PackReport.NothingToCarry) {
    Console.line(
      "site \(nothing.subject.site ?? "") has snapshot \(nothing.subject.snapshot) already: nothing to carry (--full packs it all the same)"
    )
    show(nothing.deliveries)
    guard let medium = nothing.medium, !nothing.deliveries.isEmpty else { return }
    Console.line("Written to \(medium.text). \(medium.advice)")
  }

  private func head(_ verb: String, _ load: PackReport.Load) {
    let subject = report.subject
    Console.line(
      "\(verb) \(load.bundle): snapshot \(subject.snapshot), \(Words.count(subject.files, "file")), \(Words.bytes(subject.contentBytes))"
    )
    if let base = load.base {
      let files = load.components.clampedSum { $0.changed + $0.renewed + $0.new }
      let bytes = load.components.totalBytes { $0.bytes }
      Console.line(
        "builds on snapshot \(base): \(Words.count(files, "file")) that it lacks, \(Words.bytes(bytes)) before patching"
      )
    }
    for program in load.programs {
      Console.line("  with kscmirror \(program.version): \(program.name), \(Words.bytes(program.bytes))")
    }
    for left in load.leftBehind {
      Console.line("  left behind: \(left.name), \(Words.count(left.files, "file")), \(Words.bytes(left.bytes))")
    }
  }

  private func show(_ deliveries: [WrittenParcel]) {
    for delivery in deliveries {
      Console.line(
        "\(delivery.wasThere ? "was already there:" : "wrote") \(delivery.folder), \(Words.bytes(delivery.bytes)), for site \(report.subject.site ?? "")"
      )
    }
  }
}
