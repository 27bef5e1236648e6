import JobCore

extension AuditNote {
  /// A receipt is taken in.
  package static func receipt(_ receipt: Receipt, _ text: String) -> AuditNote {
    AuditNote(
      .receipt,
      text,
      [
        "site": .string(receipt.site), "number": .integer(receipt.number),
        "snapshot": .integer(Int64(receipt.current?.snapshot ?? 0)),
      ]
    )
  }

  /// A site comes to be known, or is forgotten.
  package static func site(_ text: String, _ name: String) -> AuditNote {
    AuditNote(.site, text, ["site": .string(name)])
  }
}
