import JobCore
import MirrorTypes

extension Console {
  /// The last line of a command that has written to a stick: what was written where, and what can be done now.
  package static func written(
    to medium: MediumFacts,
    _ bytes: Int64,
    isReadBack: Bool,
    wasThere: Bool = false,
    _ seconds: Double? = nil
  ) {
    let proof = isReadBack ? "read back and compared" : "not read back (--no-read-back)"
    let duration = seconds.map { ", in \(Words.duration($0))" } ?? ""
    line(
      "\(wasThere ? "Lies in" : "Written to") \(medium.text): \(Words.bytes(bytes)), \(proof)\(duration). \(medium.advice)"
    )
  }
}
