import CLibcurl
import Glibc
import SystemPackage

/// The certificate authorities that this host trusts. Each distribution keeps them in a place of its own, and libcurl
/// knows only the one of the system that it was built for.
package struct SystemAuthorities: Sendable {
  /// A file with all of them, in PEM; `nil` where there is none.
  package let file: String?
  /// A folder with a file for each, named by a hash as OpenSSL looks them up; `nil` where there is none.
  package let folder: String?
  /// Whether these are what the environment names, and not what the system has twice: in a file and in a folder.
  private let isNamed: Bool

  /// Those of this host.
  static let host = SystemAuthorities(
    variable: { name in getenv(name).map { String(cString: $0) } },
    isFile: { access($0, R_OK) == 0 },
    names: Self.names
  )

  /// Debian, Ubuntu, Astra; RHEL, RED OS; RHEL and Fedora, newer; ALT; SUSE; Alpine.
  private static let files = [
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/usr/share/ca-certificates/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem", "/var/lib/ca-certificates/ca-bundle.pem", "/etc/ssl/cert.pem",
  ]
  private static let folders = [
    "/etc/ssl/certs", "/etc/pki/ca-trust/extracted/pem/directory-hash", "/var/lib/ca-certificates/openssl",
  ]

  /// OpenSSL's variables take the place of all that the system has; without them it is the first place that is there.
  ///
  /// - Parameters:
  ///   - variable: the value of an environment variable.
  ///   - isFile: whether a file can be read.
  ///   - names: the names in a folder, empty if it cannot be read.
  package init(variable: (String) -> String?, isFile: (String) -> Bool, names: (String) -> [String]) {
    func value(_ name: String) -> String? { variable(name).flatMap { $0.isEmpty ? nil : $0 } }
    let named = (file: value("SSL_CERT_FILE"), folder: value("SSL_CERT_DIR"))
    isNamed = named != (nil, nil)
    if isNamed {
      (file, folder) = named
      return
    }
    file = Self.files.first(where: isFile)
    // A folder without such names holds one file with all of them, and OpenSSL finds none.
    folder = Self.folders.first { names($0).contains(where: Self.isHash) }
  }

  /// Whether OpenSSL looks for such a name: eight hexadecimal digits, a dot and a number.
  private static func isHash(_ name: String) -> Bool {
    let parts = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count == 2 && parts[0].count == 8 && parts[0].allSatisfy { Character(UnicodeScalar($0)).isHexDigit }
      && !parts[1].isEmpty && parts[1].allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  static func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        names.append(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
      }
    }
    return names
  }
}

// MARK: - Trust

extension SystemAuthorities {
  /// The most that two files of authorities may have together: those of a system have a quarter of a mebibyte.
  private static let longestFile = 8 << 20

  /// Has a handle trust these, and those in an extra file.
  ///
  /// - Throws: ``TransferError/Reason/certificateUnusable(_:)``.
  func trust(in handle: EasyHandle, and extra: FilePath?) throws(TransferError) {
    for (fileOption, folderOption, blobOption) in [
      (CURLOPT_CAINFO, CURLOPT_CAPATH, CURLOPT_CAINFO_BLOB),
      (CURLOPT_PROXY_CAINFO, CURLOPT_PROXY_CAPATH, CURLOPT_PROXY_CAINFO_BLOB),
    ] {
      guard let extra else {
        try handle.set(fileOption, file)
        // Without a folder libcurl reads the file once for all connections, not for each.
        try handle.set(folderOption, file == nil || isNamed ? folder : nil)
        continue
      }
      // A folder is in addition to a file, and two files are given as one.
      var all = try ExtraAuthorities(extra).pem
      if let file, isNamed || folder == nil { all += [UInt8(ascii: "\n")] + (try Self.bytes(of: FilePath(file))) }
      try handle.check(easy_set_blob(handle.pointer, blobOption, all, all.count), blobOption)
      try handle.set(folderOption, folder)
    }
  }

  static func bytes(of file: FilePath) throws(TransferError) -> [UInt8] {
    do {
      let descriptor = try FileDescriptor.open(file, .readOnly)
      return try descriptor.closeAfter {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= longestFile {
          let count = try part.withUnsafeMutableBytes { try descriptor.read(into: $0) }
          if count == 0 { return bytes }
          bytes += part[..<count]
        }
        throw Errno.fileTooLarge
      }
    } catch {
      throw TransferError(.certificateUnusable("cannot read \(file): \(error)"))
    }
  }
}
