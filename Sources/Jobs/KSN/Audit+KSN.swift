import JobCore
import Journal

extension Audit {
  /// Notes that a body of statistics was handed to KSN.
  ///
  /// - Parameter address: the Administration Server that has done it.
  func noteDelivery(of item: DeliveryPlan.Item, by address: String) throws {
    _ = try append(
      .delivery,
      .ok,
      "statistics \(item.text), were handed to KSN by \(address)",
      [
        "site": .string(item.site), "number": .integer(item.number), "name": .string(item.body.name),
        "sha256": .string(item.body.digest.hex), "server": .string(address),
      ]
    )
  }
}
