public struct GOSTPublicKey: Hashable, Sendable { public init?(hex: some StringProtocol) { nil } }
public struct VerifiedIndex: Sendable {}
public struct VendorTrust: Sendable {
  public var intermediates: Set<GOSTPublicKey> = []
  public static let builtIn = VendorTrust()
  public func verify(index bytes: [UInt8], name: String, objectType: String?, date: Int64?) throws(VendorSignatureError)
    -> VerifiedIndex
  { VerifiedIndex() }
}
