import Foundation
import SystemPackage
import TestSupport
import Testing
import VendorSignatures

@Suite struct DSKM2Tests {
  private func streebog(_ text: String) throws -> String {
    var hash = try Streebog256()
    hash.update(Array(text.utf8))
    return hash.finalize().map { String(format: "%02x", $0) }.joined()
  }

  @Test func `Streebog of nothing is what RFC 6986's algorithm gives`() throws {
    #expect(try streebog("") == "3f539a213e97c802cc229d474c6aa32a825a360b2a933a949fd925208d9ce1bb")
  }

  @Test(
    arguments: [
      ("", "empty.dat", "f3CCJrjzJxFCCpO9s2ztt+GbZrEQFD6hYd3AruNGnaA="),
      ("abc", "Test.DAT", "naNBiX0g3AUuUfu+t9/TyRRNaLJNhpVbP1/z1IPdRLQ="),
      ("abc", "test.dat", "naNBiX0g3AUuUfu+t9/TyRRNaLJNhpVbP1/z1IPdRLQ="),
    ]
  )
  func `the known vectors come out, whatever the name's case`(_ content: String, _ name: String, _ expected: String)
    throws
  {
    let folder = TemporaryFolder()
    try Data(content.utf8).write(to: URL(fileURLWithPath: folder["f"].string))
    #expect(Data(try DSKM2.digest(ofFile: folder["f"], name: name)).base64EncodedString() == expected)
  }

  @Test func `a file longer than the buffer has the digest of its content`() throws {
    let folder = TemporaryFolder()
    let bytes = (0..<300_001).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try Data(bytes).write(to: URL(fileURLWithPath: folder["f"].string))
    var whole = try Streebog256()
    whole.update(bytes)
    #expect(
      try DSKM2.digest(ofFile: folder["f"], name: "f") == DSKM2.digest(contentHash: whole.finalize(), name: "f")
    )
  }

  @Test func `a file that is not there is reported by name`() {
    #expect(throws: VendorSignatureError.unreadable(path: "/nowhere/x", reason: "No such file or directory")) {
      try DSKM2.digest(ofFile: "/nowhere/x", name: "x")
    }
  }
}
