import Glibc

/// The processors of this machine.
package enum Processors {
  /// How many this process may use.
  package static var count: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}
