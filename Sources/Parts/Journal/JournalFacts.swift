/// The names of the facts by which an entry about a beginning and the one about its end belong together.
package enum JournalFacts {
  /// In an entry about an end: the number of the entry about the beginning.
  package static let begun = "begun"
  /// In an entry about a beginning: the event that the change is about.
  static let event = "event"
  /// In an entry about a beginning: the number of the process that makes the change.
  static let process = "process"
  /// In an entry about a beginning: when that process began, in clock ticks since the machine was started.
  static let started = "process-started"
  /// In an entry about a beginning: the kernel's identifier of that start of the machine.
  static let boot = "boot"
}
