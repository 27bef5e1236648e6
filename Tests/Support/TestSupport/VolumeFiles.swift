import Foundation
import SystemPackage

/// The files of a bundle's volumes by the volumes' own names, without the SHA-256 that a file's name begins with.
package enum VolumeFiles {
  /// The name without the SHA-256, or other hexadecimal digits as long as one, before it.
  package static func plain(_ name: String) -> String {
    let digits = name.prefix { $0.isHexDigit }
    return digits.count == 64 && name.dropFirst(64).hasPrefix(".") ? String(name.dropFirst(65)) : name
  }

  /// Names or paths of files in the order of the volumes and pieces that they hold.
  package static func sorted(_ names: some Sequence<String>) -> [String] {
    func key(_ name: String) -> String { plain(name.split(separator: "/").last.map(String.init) ?? name) }
    return names.sorted { key($0) < key($1) }
  }

  /// The file in a folder that holds a volume or a piece; where there is none, one with the plain name.
  package static func path(of name: String, in folder: FilePath) -> FilePath {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.string)) ?? []
    return folder.appending(names.first { plain($0) == plain(name) } ?? name)
  }
}
