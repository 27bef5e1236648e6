import FileSystem
import JobCore
import Journal
import SystemPackage
import Trust

extension KeysJob {
  /// Adds a signature to a root, wherever it lies.
  ///
  /// - Parameters:
  ///   - path: the root's file; `nil`: the one that waits in the store.
  ///   - keyPath: the private key.
  package func sign(_ path: FilePath?, with keyPath: FilePath) throws -> KeysReport.Signed {
    let place = path ?? pending.path
    guard var root = try PendingRoot.read(place) else {
      throw JobError(.notThere, "\(place): there is no root that waits for signatures")
    }
    let key = try unlock(keyPath)
    try sign(&root, with: key)
    let isInForce: Bool
    if path == nil {
      isInForce = try audit.noting(AuditNote(.keys, "a signature of the root")) { _ in
        try Files.replace(place, with: root.serialized)
        return (
          try pending.publish() != nil, AuditNote(.keys, "the root was signed by key \(key.id.prefix(16))…")
        )
      }.value
    } else {
      // Elsewhere it is a file as any other.
      try Files.replace(place, with: root.serialized)
      isInForce = false
    }
    return KeysReport.Signed(
      file: place.string,
      signatures: root.signatures.count,
      fingerprint: RootMetadata.fingerprint(of: root).description,
      isInForce: isInForce
    )
  }

  /// Takes the signatures that a copy of the waiting root has got elsewhere.
  package func accept(_ path: FilePath) throws -> KeysReport.Signed {
    guard var waiting = try pending.waiting() else {
      throw JobError(.notThere, "\(pending.path): no root waits for signatures here")
    }
    guard let copy = try PendingRoot.read(path) else { throw JobError(.notThere, "\(path): there is no such file") }
    guard copy.canonical == waiting.canonical else {
      throw JobError(
        .damagedBundle,
        "\(path): this is another root than the one that waits in \(pending.path)",
        remedy: "Have \(pending.path) itself signed, unchanged."
      )
    }
    waiting.add(copy.signatures)
    let isInForce = try audit.noting(AuditNote(.keys, "the taking of signatures of the root")) { _ in
      try pending.save(waiting)
      return (try pending.publish() != nil, AuditNote(.keys, "signatures of the root were taken from \(path)"))
    }.value
    return KeysReport.Signed(
      file: pending.path.string,
      signatures: waiting.signatures.count,
      fingerprint: RootMetadata.fingerprint(of: waiting).description,
      isInForce: isInForce
    )
  }
}
