import FileSystem
import MirrorTypes
import SystemPackage

/// The greatest numbers that somebody else has proven this store to have given, where they are greater than what the store
/// itself knows of: it was put back from a backup. No number up to these is given again.
///
/// They stand in a file beside the catalogue, since whoever learns of them must not wait for a sync that holds the store.
package struct NumbersSeen: Hashable, Sendable {
  /// The greatest number of a snapshot.
  package var snapshot: Int
  /// The greatest version of metadata.
  package var metadata: Int

  /// The name of the file, at the root of the store.
  package static let name = "numbers"
  /// Numbers and versions are not believed beyond this, whoever claims them, and however often: names of bundles have nine
  /// digits for a number, and as many numbers as this are left then.
  package static let most = 499_999_999

  private static let head = "kscmirror numbers 1"
  private static let maximumSize = 1024

  /// These numbers.
  package init(snapshot: Int = 0, metadata: Int = 0) {
    (self.snapshot, self.metadata) = (snapshot, metadata)
  }

  /// What a store has seen; zeros where there is no file.
  ///
  /// - Throws: ``StoreError/catalogue(_:_:)`` for a file that this program has not written.
  package init(of store: FilePath) throws(StoreError) {
    let file = store.appending(Self.name)
    let bytes = try withFiles { () throws(FileError) in
      try Files.status(file) == nil ? nil : try Files.read(file, atMost: Self.maximumSize)
    }
    self.init()
    guard let bytes else { return }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    guard lines.count == 3, lines[0] == Self.head, let snapshot = Self.number(lines[1], "snapshot "),
      let metadata = Self.number(lines[2], "metadata ")
    else {
      throw .catalogue(file, "it is not a list of numbers; remove it, and collect the newest receipts again")
    }
    self.init(snapshot: snapshot, metadata: metadata)
  }

  private static func number(_ line: Substring, _ word: String) -> Int? {
    guard line.hasPrefix(word), let number = Int(line.dropFirst(word.count)), (0...most).contains(number) else {
      return nil
    }
    return number
  }

  /// Remembers them in a store, unless greater ones are remembered there.
  package func raise(in store: FilePath) throws(StoreError) {
    let known = try NumbersSeen(of: store)
    let next = NumbersSeen(
      snapshot: min(max(snapshot, known.snapshot), Self.most),
      metadata: min(max(metadata, known.metadata), Self.most)
    )
    guard next != known else { return }
    let text = "\(Self.head)\nsnapshot \(next.snapshot)\nmetadata \(next.metadata)\n"
    try withFiles { () throws(FileError) in
      try Files.replace(store.appending(Self.name), with: Array(text.utf8), permissions: 0o600)
    }
  }
}

extension Catalogued {
  /// The greatest number that a snapshot of this store has had or must not have; 0 before the first.
  package func highestNumber() throws(StoreError) -> Int {
    let given = try catalogue.reading { db in try db.highestSnapshotNumber() }
    return max(given, try NumbersSeen(of: catalogue.path.removingLastComponent()).snapshot)
  }
}
