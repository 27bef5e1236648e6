import StrictJSON
import TestSupport
import Testing
import Trust

@testable import JobCore
@testable import Sites

/// Changes receipts at random, the same way in every run but for the key: see `Fuzz`.
@Suite struct ReceiptFuzzTests {
  private let key = SigningKey()

  /// A receipt with every field.
  private static var receipt: Receipt {
    var receipt = ReceiptTests.receipt()
    receipt.demand = ReportedDemandTests.demand([ReportedDemandTests.application("KES")])
    return receipt
  }

  /// With pieces that matter to the format.
  private static let mutator = Mutator(
    [
      "{", "}", "[", "]", ",", ":", "\"", "\\", " ", "\\u0000", "\\ud800", "0", "-", "99999999999999999999", "null",
      "\"held\":[],", "\"signatures\":[],", "\"signed\":{},", "\"number\":1,", "\"site\":\"..\",",
    ]
  )

  private func mutated(_ value: JSONValue, _ random: inout SeededGenerator) -> JSONValue {
    let others: [JSONValue] = [
      .null, true, 0, 1, -1, .integer(.max), .integer(.min), "", "..", "a/b", "\u{0}", .array([]), .object([:]),
      .string(String(repeating: "0", count: 64)), .string(String(repeating: "x", count: 70_000)),
      "9999-12-31T23:59:59Z",
      .array([JSONValue](repeating: .object(["snapshot": 1]), count: 100)),
    ]
    switch value {
    case .object(var object) where !object.members.isEmpty && Int.random(in: 0..<8, using: &random) > 0:
      let member = object.members[Int.random(in: object.members.indices, using: &random)]
      let isGone = Int.random(in: 0..<6, using: &random) == 0
      object[member.name] = isGone ? nil : mutated(member.value, &random)
      return .object(object)
    case .array(var values) where !values.isEmpty && Int.random(in: 0..<8, using: &random) > 0:
      let place = Int.random(in: values.indices, using: &random)
      if Bool.random(using: &random) { values.append(values[place]) }
      values[place] = mutated(values[place], &random)
      return .array(values)
    case .integer(let number) where Bool.random(using: &random):
      return .integer(number &+ ([-1, 1, 1 << 32].randomElement(using: &random) ?? 1))
    default: return others.randomElement(using: &random) ?? .null
    }
  }

  @Test func `nothing that was changed behind the key's back is believed`() throws {
    let signed = try SignedReceipt(Self.receipt, key: key)
    let bytes = signed.serialized
    var (tried, believed) = (0, 0)
    for round in Fuzz.rounds("receipts", 8000) {
      var random = round.random
      tried += 1
      guard let read = try? SignedReceipt(parsing: Self.mutator.changed(bytes, &random), at: "fuzz") else { continue }
      believed += 1
      #expect(read.receipt == signed.receipt && read.fingerprint == signed.fingerprint)
    }
    #expect(believed > 0 && believed < tried / 2)
  }

  /// The receipt; `nil` where it is refused, as it has to be.
  private func readOrRefused(_ bytes: [UInt8]) throws -> Receipt? {
    do {
      return try SignedReceipt(parsing: bytes, at: "fuzz").receipt
    } catch {
      #expect(JobError(error).status == .badReceipt)
      return nil
    }
  }

  @Test func `a site that lies is bounded: what is read of it can be written again`() throws {
    let fields = JSONValue.object(Self.receipt.object)
    var (read, refused) = (0, 0)
    for round in Fuzz.rounds("receipts of a site that lies", 4000) {
      var random = round.random
      guard let object = mutated(fields, &random).object else { continue }
      let bytes = try SignedStatement(object, kind: Receipt.kind, signedBy: key).serialized
      guard let receipt = try readOrRefused(bytes) else {
        refused += 1
        continue
      }
      read += 1
      #expect(try readOrRefused(SignedReceipt(receipt, key: key).serialized) == receipt)
      #expect(receipt.held.count <= 51 && receipt.program.utf8.count <= 100)
      #expect(receipt.demand.map { $0.applications.count <= 500 && $0.components.count <= 1000 } ?? true)
    }
    #expect(read > (read + refused) / 50 && refused > (read + refused) / 5)
  }
}
