import MirrorTypes
import StrictDER

/// Which authorities the vendor's index signatures may come from.
package struct VendorTrust: Sendable {
  /// The public keys of the intermediate authorities, for indexes and for timestamps.
  package let intermediates: Set<GOSTPublicKey>
  /// The public keys of the roots that have issued the intermediates' certificates; empty: those certificates are taken
  /// as they are, since their keys are pinned.
  package let roots: Set<GOSTPublicKey>
  let issued = IssuedCertificates()

  /// Trusts these authorities.
  package init(intermediates: Set<GOSTPublicKey>, roots: Set<GOSTPublicKey> = []) {
    self.intermediates = intermediates
    self.roots = roots
  }

  /// The authorities that the vendor used in 2025: `3520p1_KL` for indexes (FORMAT.md, section 3, point 3),
  /// `3520p1_KL_Timestamp` for timestamps, and the root `3520p1`. No index carries the root's certificate; its key is the
  /// one that follows from the signatures of both intermediates' certificates. Indexes of 2022 and 2026 have the same.
  package static let builtIn = VendorTrust(
    intermediates: keys([
      "c3a4b54087f291c35936ba9849ae855f4179d8b4bf78a3954f7b625c43671e46"
        + "403af526a130341e4e6ce60ee087e9e6a3458637f1b7e6a34f92a95f97b42f50",
      "12ab7f6b849038cf20507f38017146d99d41cfdbebf2d986d0340caa4c797895"
        + "9e631edc29e547f02c88e7563a545a2e42a79eba8cecab46d647f00a807b94d7",
    ]),
    roots: keys([
      "2bf83aa46ec31bf16369ee0cfab3df52f6b1b7419fb86bd3a7c997b33fa30b1a"
        + "ebd3a3c832cd825aec988bb2b6985b24246cee582cae37bbf7a17eda1fdfd5d6"
    ])
  )

  private static func keys(_ texts: [String]) -> Set<GOSTPublicKey> { Set(texts.compactMap { GOSTPublicKey(hex: $0) }) }

  /// Verifies an index's signature (FORMAT.md, section 3).
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - name: the file's own name, without a folder: it is signed too.
  ///   - objectType: what the index says that it is, such as `2=KDB;3=BASE`.
  /// - Throws: ``VendorSignatureError`` with a reason of its own for everything that can be wrong.
  package func verify(
    index bytes: [UInt8],
    name: String,
    objectType: String?
  ) throws(VendorSignatureError) -> VerifiedIndex {
    let trailer = try IndexTrailer(bytes)
    // The digest covers the file up to the trailer, and its name.
    let content = try Streebog256.digest(of: bytes[..<trailer.signedCount])
    let verified = try verify(trailer, digest: try DSKM2.digest(contentHash: content, name: name))
    guard Self.signer(of: objectType) == verified.signer else {
      throw .wrongSigner(signer: verified.signer, objectType: objectType ?? "")
    }
    return verified
  }

  /// Verifies all but what the digest is of, and who may sign it.
  func verify(_ trailer: IndexTrailer, digest: [UInt8]) throws(VendorSignatureError) -> VerifiedIndex {
    let data = try Self.signedData(trailer.der)
    guard data.content.count == 48, data.content.starts(with: DERConstant.digestInfo) else {
      throw .malformed("the signed digest")
    }
    guard data.content.suffix(32).elementsEqual(digest) else { throw .wrongDigest }
    guard data.attributes == nil else { throw .malformed("it has signed attributes") }
    try data.check(purpose: Certificate.codeSigning, trusting: self)
    // Certificates live about a year: they count at the time of signing, which the timestamp proves.
    guard let token = data.timestamp else { throw .wrongTimestamp("there is none") }
    let timestamp = try SignedTimestamp(token, over: data.signature, trusting: self)
    try data.checkValidity(at: timestamp.time)
    return VerifiedIndex(signer: data.signer.commonName, signedAt: timestamp.time, signedBytes: trailer.signedCount)
  }

  private static func signedData(_ der: [UInt8]) throws(VendorSignatureError) -> SignedData {
    var reader = try DERReader(der, "the outermost structure")
    var outer = try reader.enter(DERTag.sequence, "the outermost structure")
    try reader.finish("the outermost structure")
    try outer.expect(DERConstant.signedContent, "the kind of the outermost structure")
    var explicit = try outer.enter(DERTag.context0, "the outermost structure")
    try outer.finish("the outermost structure")
    var set = try explicit.enter(DERTag.set, "the set of signatures")
    try explicit.finish("the outermost structure")
    let data = try SignedData(&set, version: 1, kind: DERConstant.indexDigest)
    try set.finish("the set of signatures")
    return data
  }

  /// The name of the key that signs indexes of a type: `2=KDB;3=BASE` is signed by `compid=KDB_type=BASE`.
  static func signer(of objectType: String?) -> String? {
    let fields = (objectType ?? "").split(separator: ";", omittingEmptySubsequences: false)
    guard fields.count == 2, fields[0].hasPrefix("2="), fields[1].hasPrefix("3=") else { return nil }
    return "compid=\(fields[0].dropFirst(2))_type=\(fields[1].dropFirst(2))"
  }
}

/// What is proven of an index.
package struct VerifiedIndex: Sendable, Hashable {
  /// The name of the key that has signed: `compid=KDB_type=BASE`.
  package let signer: String
  /// When it was signed.
  package let signedAt: UTCTime
  /// How many bytes of the file are signed: all before the trailer.
  package let signedBytes: Int
}
