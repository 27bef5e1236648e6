import JobCore
import Journal

extension AuditNote {
  /// A body of statistics is handed to KSN.
  ///
  /// - Parameter address: the Administration Server that does it.
  static func delivery(_ text: String, of item: DeliveryPlan.Item, by address: String) -> AuditNote {
    AuditNote(
      .delivery,
      text,
      [
        "site": .string(item.site), "number": .integer(item.number), "name": .string(item.body.name),
        "sha256": .string(item.body.digest.hex), "server": .string(address),
      ]
    )
  }
}
