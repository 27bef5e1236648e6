/// A folder that holds an exported update tree, as others read it.
package enum ExportedTree {
  /// The file in it that says whose it is and what is in it. It is not part of the update tree.
  package static let mark = ".kscmirror-export"
}
