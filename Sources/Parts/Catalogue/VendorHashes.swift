internal import GRDB
import MirrorTypes

extension Catalogued {
  /// The vendor's hash of an object's content (Streebog-256), if it was computed before.
  package func vendorHash(of object: ObjectDigest) throws(StoreError) -> Digest256? {
    try catalogue.lookingUp { db in
      let statement = try db.cachedStatement(
        sql: "SELECT hash FROM vendor_hash JOIN object ON object.id = vendor_hash.object WHERE digest = ?"
      )
      return try Row.fetchOne(statement, arguments: [object.blob])?.requiredDigest(0)
    }
  }

  /// Keeps hashes that were computed, as long as their objects stay.
  package func remember(vendorHashes: [ObjectDigest: Digest256]) throws(StoreError) {
    guard !vendorHashes.isEmpty else { return }
    try catalogue.writing { db in
      let statement = try db.cachedStatement(
        sql: "INSERT OR REPLACE INTO vendor_hash (object, hash) SELECT id, ? FROM object WHERE digest = ?"
      )
      for (object, hash) in vendorHashes { try statement.execute(arguments: [hash.blob, object.blob]) }
    }
  }
}
