import FileSystem
import JobCore
import StrictJSON
import SystemPackage
import Trust

/// A receipt with the signature of the site's key, which it carries.
package struct SignedReceipt: Sendable {
  /// What it says.
  package let receipt: Receipt
  /// The fingerprint of the key that has signed it.
  package let fingerprint: Fingerprint
  private let statement: SignedStatement

  /// Signs a receipt.
  package init(_ receipt: Receipt, key: SigningKey) throws(KeyError) {
    statement = try SignedStatement(receipt.object, kind: Receipt.kind, signedBy: key)
    fingerprint = statement.fingerprint
    self.receipt = receipt
  }

  /// Reads and verifies a receipt.
  ///
  /// - Throws: an error with ``ExitStatus/badReceipt``.
  init(parsing bytes: [UInt8], at place: String) throws {
    do throws(MetadataProblem) {
      statement = try SignedStatement(parsing: bytes, kind: Receipt.kind)
    } catch {
      throw JobError(.badReceipt, "\(place): this receipt cannot be trusted: \(error)", remedy: Self.remedy)
    }
    fingerprint = statement.fingerprint
    receipt = try Receipt(statement.fields, at: place)
  }

  /// Reads and verifies a receipt's file.
  ///
  /// - Throws: an error with ``ExitStatus/badReceipt``, and with ``ExitStatus/notThere`` when there is no file.
  package init(reading file: FilePath) throws { try self.init(reading: Place(at: file)) }

  /// Reads and verifies a receipt's file on a medium.
  ///
  /// - Throws: an error with ``ExitStatus/badReceipt``, and with ``ExitStatus/notThere`` when there is no file.
  package init(reading file: Place) throws {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try file.read(atMost: Receipt.maximumSize)
    } catch {
      guard error.isNoSuchPlainFile else { throw error }
      throw JobError(.badReceipt, "\(file): this is not a regular file of at most \(Receipt.maximumSize) bytes")
    }
    try self.init(parsing: bytes, at: "\(file)")
  }

  private static let remedy =
    "It was changed, by a person or by a failing stick. Have 'kscmirror receipt --output FOLDER' write it again at the site."

  /// The file's bytes.
  package var serialized: [UInt8] { statement.serialized }

  /// Whether another receipt is the very same.
  func isSame(as other: SignedReceipt) -> Bool { statement.canonical == other.statement.canonical }

  /// The key, as metadata lists it.
  var key: JSONObject { statement.key }
}
