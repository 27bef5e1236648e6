/// What an answer of a server may have at the most. A server is not trusted before it has answered sensibly: without
/// bounds a few bytes could cost gigabytes.
package struct WireLimits: Hashable, Sendable {
  /// Bytes of one answer, unpacked.
  package var bytes = 64 << 20
  /// How deep lists and objects may lie in one another.
  package var depth = 32
  /// Values of one answer, those in lists and objects included.
  package var values = 2_000_000

  /// The defaults: enough for a list of all files of an update tree, and for pages of 10,000 devices.
  package init() {}
}
