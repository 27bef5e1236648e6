import SystemPackage

extension MountTable {
  /// The file system that a folder without links in its path lies on; `nil` where the kernel does not say.
  package func mount(of resolved: FilePath) -> Mount? {
    var best: Mount?
    for mount in mounts where resolved.starts(with: mount.place) {
      // Of several on one folder the last one is seen.
      if mount.place.components.count >= best?.place.components.count ?? 0 { best = mount }
    }
    return best
  }
}

extension MountTable.Mount {
  private static let labels: FilePath = "/dev/disk/by-label"

  /// The label that the file system has, as far as the system knows it.
  package var label: String? {
    guard source.hasPrefix("/"), let device = try? Files.resolvingLinks(FilePath(source)),
      let names = try? Files.entries(of: Self.labels)
    else { return nil }
    let entry = names.first { (try? Files.resolvingLinks(Self.labels.appending($0.name))) == device }
    return entry.map { Self.unescaped($0.name) }
  }

  /// Blanks and the like are written as `\x20`.
  private static func unescaped(_ text: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\"), rest.first == UInt8(ascii: "x"), rest.count >= 3,
        let value = UInt8(String(decoding: rest.dropFirst().prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
