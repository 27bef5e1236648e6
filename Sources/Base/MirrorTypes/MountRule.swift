/// Whether a folder that something is written to, to be carried away, has to be on a file system of its own.
package enum MountRule: Sendable, Hashable {
  /// Below the places where sticks are mounted, and where one was mounted when the folder was last written to.
  case whereSticksAre
  /// Anywhere.
  case always
  /// Nowhere: the folder is meant as it is.
  case never
}
