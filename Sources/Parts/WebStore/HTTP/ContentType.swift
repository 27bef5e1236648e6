/// The media type of a file by its name, and whether it is worth compressing.
struct ContentType: Equatable {
  /// The value of the `Content-Type` field.
  let name: String
  /// Whether files of this type become smaller.
  let isText: Bool

  /// What nothing is known of.
  static let bytes = ContentType(name: "application/octet-stream", isText: false)

  /// The type of a file.
  init(path: String) {
    guard let dot = path.utf8.lastIndex(of: UInt8(ascii: ".")),
      let known = Self.known[path[path.utf8.index(after: dot)...].lowercased()]
    else {
      self = .bytes
      return
    }
    self = known
  }

  private init(name: String, isText: Bool) {
    self.name = name
    self.isText = isText
  }

  private static let known: [String: ContentType] = {
    // The vendor's indexes name their encoding themselves: XML's own rules are better than a guess here.
    let xml = ContentType(name: "text/xml", isText: true)
    let text = ContentType(name: "text/plain; charset=utf-8", isText: true)
    func packed(_ name: String) -> ContentType { ContentType(name: name, isText: false) }
    return [
      "xml": xml, "txt": text, "ini": text, "mft": text, "lst": text, "asc": text,
      "json": ContentType(name: "application/json", isText: true),
      "html": ContentType(name: "text/html; charset=utf-8", isText: true),
      "css": ContentType(name: "text/css", isText: true),
      "zip": packed("application/zip"), "gz": packed("application/gzip"), "tgz": packed("application/gzip"),
      "xz": packed("application/x-xz"), "zst": packed("application/zstd"), "bz2": packed("application/x-bzip2"),
      "deb": packed("application/vnd.debian.binary-package"), "rpm": packed("application/x-rpm"),
      "exe": packed("application/vnd.microsoft.portable-executable"), "msi": packed("application/x-msi"),
      "dmg": packed("application/x-apple-diskimage"), "pdf": packed("application/pdf"),
    ]
  }()
}
