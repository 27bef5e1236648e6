import CLibcurl

/// What is done on the thread of a ``CurlLoop``. It is made there, never leaves it, and all calls come from there.
package protocol CurlWork: AnyObject, SendableMetatype {
  /// What other threads put into the loop's letter box.
  associatedtype Letter: Sendable

  /// Something was put into the letter box.
  func take(_ letter: Letter)
  /// libcurl is done with a handle, which is still to be removed from it.
  func ended(_ handle: UnsafeMutableRawPointer, _ code: CURLcode)
  /// libcurl itself failed: nothing that is under way will end.
  func broke(_ why: String)
  /// Ends all there is, and lets go of all handles: nothing follows.
  func stop()

  /// When the next turn has to end at the latest; `nil`: not before something happens.
  var due: Moment? { get }
  /// For how long nothing may be read; `nil`: it may. It is asked before each turn, and after each event.
  var restraint: Duration? { get }
  /// Nothing was read for a while, because of ``restraint``.
  func rested()
  /// A turn has ended.
  func turned()
}

extension CurlWork {
  package var due: Moment? { nil }
  package var restraint: Duration? { nil }
  package func rested() {}
  package func turned() {}
}
