import FileSystem
import JobCore
import SiteDocuments
import SystemPackage

extension PrivateConfiguration {
  /// Looks at a file.
  ///
  /// - Throws: ``JobError`` with ``ExitStatus/wrongContent`` for what is no PKCS #7 SignedData.
  init(file: FilePath) throws(JobError) {
    let bytes = try Self.bytes(of: file)
    self = try translatingErrors {
      try PrivateConfiguration(recognising: bytes, name: file.lastComponent?.string ?? "")
    }
  }

  /// The bytes of a file that may be one.
  static func bytes(of file: FilePath) throws(JobError) -> [UInt8] {
    try translatingErrors { try Files.read(Files.resolvingLinks(file), atMost: maximumSize) }
  }
}
