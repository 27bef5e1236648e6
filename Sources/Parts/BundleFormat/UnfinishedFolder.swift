import FileSystem

/// The folder in which a bundle or a parcel is written until it is whole, and can have its name.
///
/// What an interrupted run has left under the usual name is removed. If somebody else's folder or file has that name, it
/// stays as it is, and nobody waits for it: the folder gets a name by chance then, and is gone with this object unless it
/// was renamed.
package final class UnfinishedFolder: Sendable {
  /// The folder.
  package let place: Place
  private let draft: DraftFolder?

  /// Makes the folder.
  ///
  /// - Parameters:
  ///   - usual: the name that it has as a rule.
  ///   - isOurs: whether a folder of that name was left by a run of ours.
  package init(_ usual: Place, isOurs: (Place) -> Bool) throws(FileError) {
    let kind = try usual.status()?.kind
    guard kind == .file || (kind == .folder && !isOurs(usual)) else {
      // A link or a pipe holds nothing.
      try usual.removeTree()
      try usual.makeNewFolder()
      (place, draft) = (usual, nil)
      return
    }
    let draft = try DraftFolder(in: usual.parent)
    try draft.place.setPermissions(0o755)
    (place, self.draft) = (draft.place, draft)
  }

  /// Makes the folder of a bundle that is copied: nobody signs it anew, and so it does not say who writes it.
  package convenience init(bundle name: String, in folder: Place) throws(FileError) {
    try self.init(folder.appending(name + ".part"), isOurs: Self.holdsOnly(BundleNames.isPart))
  }

  /// Makes the folder of a parcel.
  package convenience init(parcel names: ParcelNames, in folder: Place) throws(FileError) {
    try self.init(
      folder.appending(names.partial),
      isOurs: Self.holdsOnly { ParcelNames.isPart($0) || DraftName.isOne($0) }
    )
  }

  /// Removes it with all that was written to it; for where that went wrong.
  package func abandon() { try? place.removeTree() }

  /// How many names of a folder are looked at: no folder that is written here has as many at its top.
  private static let mostNames = 100

  /// Whether a folder holds nothing at its top but names of a kind.
  static func holdsOnly(_ isKnown: @escaping (String) -> Bool) -> (Place) -> Bool {
    { folder in
      guard let names = try? folder.entries(atMost: mostNames) else { return false }
      return names.count < mostNames && names.allSatisfy { isKnown($0.name) }
    }
  }
}

extension BundleNames {
  /// Whether a name is one of those at the top of a bundle's folder.
  static func isPart(_ name: String) -> Bool {
    [Bag.declaration, Bag.info, manifest, Bag.tagManifest, label, hints, unfinished, "data"].contains {
      $0.hasSameBytes(as: name)
    } || DraftName.isOne(name)
  }
}
