/// One call, as it came.
package struct DoubleCall: Sendable {
  /// `LicenseKeys.EnumKeys`, `login`, or `PUT` for a part of a file.
  package let method: String
  /// Headers by name in lower case.
  package let headers: [String: String]
  /// The body.
  package let body: [UInt8]
  /// Which call of this method it is, from 1 on.
  package let count: Int
  /// Which call of all it is, from 1 on.
  package let number: Int
  /// The number of the connection that it came on.
  package let connection: Int
}

/// What the double does instead of answering as it should.
package enum Misbehaviour: Sendable {
  /// A status and nothing done.
  case status(Int, headers: [String] = [], text: String = "")
  /// A refusal.
  case failure(PxgFailure)
  /// The true answer, later.
  case late(seconds: Double)
  /// The call is done, but its answer is cut to so many bytes; the length in its head is that of the rest.
  case truncated(to: Int)
  /// The call is done, but the connection is cut in the middle of its answer.
  case cut
  /// The connection is cut at once, and nothing done.
  case cutBefore
  /// Other bytes than the true answer's, of a type.
  case body([UInt8], contentType: String = "application/json")
  /// An answer of so many bytes of JSON.
  case huge(Int)
}
