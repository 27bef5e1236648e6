import CLinux

/// Memory that is mapped from a file and shared with other processes.
package enum MappedMemory {
  /// Has the file system give all of it its room now: on a full disk, whoever writes to memory that has none dies of SIGBUS.
  ///
  /// The content stays as it is, whoever else writes there meanwhile.
  ///
  /// - Returns: `false` where there is no room for it, or the disk fails.
  package static func back(_ start: UnsafeMutableRawPointer, count: Int) -> Bool { back_memory(start, count) == 0 }
}
