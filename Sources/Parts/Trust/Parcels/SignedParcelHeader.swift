import MirrorTypes
import StrictJSON

/// A parcel's header with the signature of its sender's key, which it carries.
package struct SignedParcelHeader: Sendable {
  /// What it says.
  package let header: ParcelHeader
  /// The fingerprint of the key that has signed it.
  package let signer: Fingerprint
  /// The SHA-256 of what is signed: by it a parcel is distinguished from every other, and the next one names it. A delivery that
  /// is signed once more, by a key that has taken the place of another, stays the same.
  package let digest: Digest256
  private let statement: SignedStatement

  /// Signs a header.
  package init(_ header: ParcelHeader, key: SigningKey) throws(KeyError) {
    try self.init(
      header,
      statement: SignedStatement(header.object, kind: ParcelHeader.kind(header.direction), signedBy: key)
    )
  }

  private init(_ header: ParcelHeader, statement: SignedStatement) {
    self.header = header
    self.statement = statement
    signer = statement.fingerprint
    digest = .sha256(of: header.direction == .fromSite ? statement.canonical : Self.withoutKey(statement))
  }

  private static func withoutKey(_ statement: SignedStatement) -> [UInt8] {
    var fields = statement.fields
    fields["key"] = nil
    return JSONValue.object(fields).canonical
  }

  /// Reads a header, and verifies that its own key has signed it. Whose key that is says
  /// ``verify(site:number:signers:)``.
  ///
  /// - Throws: ``ParcelError/notAParcel(_:)``, ``ParcelError/tooNew(_:)``, ``ParcelError/alteredHeader(_:)``.
  package init(parsing bytes: [UInt8], going direction: ParcelDirection) throws(ParcelError) {
    let statement: SignedStatement
    do throws(MetadataProblem) {
      statement = try SignedStatement(parsing: bytes, kind: ParcelHeader.kind(direction))
    } catch {
      throw .alteredHeader(error.description)
    }
    try self.init(ParcelHeader(statement.fields, going: direction), statement: statement)
  }

  /// The file's bytes: JSON.
  package var serialized: [UInt8] { statement.serialized }

  /// Sees that the parcel is the one that it should be.
  ///
  /// - Parameters:
  ///   - site: the site that it has to be of, or for.
  ///   - number: the number that it has to have.
  ///   - signers: the fingerprints of the keys that may have signed it; `nil`: they are not known yet.
  /// - Throws: ``ParcelError/otherSite(_:expected:)``, ``ParcelError/otherNumber(_:expected:)``,
  ///   ``ParcelError/otherSigner(_:)``.
  package func verify(site: String, number: Int64, signers: Set<Fingerprint>?) throws(ParcelError) {
    guard header.site.hasSameBytes(as: site) else { throw .otherSite(header.site, expected: site) }
    guard header.number == number else { throw .otherNumber(header.number, expected: number) }
    if let signers, !signers.contains(signer) { throw .otherSigner(signer) }
  }

  /// Sees that a list of contents is the one that was signed, and reads it.
  ///
  /// - Throws: ``ParcelError/alteredContents(_:)``.
  package func contents(_ bytes: [UInt8]) throws(ParcelError) -> ParcelContents {
    guard Int64(bytes.count) == header.contents.size, Digest256.sha256(of: bytes) == header.contents.sha256 else {
      throw .alteredContents("its SHA-256 is another one")
    }
    return try ParcelContents(parsing: bytes, carrying: header.carries)
  }
}
