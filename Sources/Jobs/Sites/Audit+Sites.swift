import JobCore

extension Audit {
  /// Notes that a receipt was taken.
  package func noteReceipt(_ receipt: Receipt, _ text: String) throws {
    _ = try append(
      .receipt,
      .ok,
      text,
      [
        "site": .string(receipt.site), "number": .integer(receipt.number),
        "snapshot": .integer(Int64(receipt.current?.snapshot ?? 0)),
      ]
    )
  }

  /// Notes that a site came to be known, or was forgotten.
  package func noteSite(_ text: String, site name: String) throws {
    _ = try append(.site, .ok, text, ["site": .string(name)])
  }
}
