import FileSystem
import JobCore
import SiteDocuments
import SystemPackage

extension PrivateConfiguration {
  /// Looks at a file.
  ///
  /// - Throws: an error with ``ExitStatus/wrongContent`` for what is not a PKCS #7 SignedData.
  init(file: FilePath) throws {
    let bytes = try Self.bytes(of: file)
    self = try PrivateConfiguration(recognising: bytes, name: file.lastComponent?.string ?? "")
  }

  /// The bytes of a file that may be one.
  static func bytes(of file: FilePath) throws -> [UInt8] {
    try Files.read(Files.resolvingLinks(file), atMost: maximumSize)
  }
}
