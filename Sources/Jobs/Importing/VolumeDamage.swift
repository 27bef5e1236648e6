import BundleFormat
import FileSystem
import MirrorTypes
import SystemPackage

/// In what way a volume that is there is not the signed one, in words for a person who has to know whether a stick fails,
/// a copy was cut, or another file has the name.
enum VolumeDamage {
  /// Why a volume is not found by name and size, though something of its name is there; `nil` if nothing is.
  ///
  /// - Parameter places: the folders where it was looked for.
  static func reason(_ volume: Volume, in places: [VolumePlace]) -> String? {
    for place in places where !place.avoiding.contains(volume.name) {
      for file in volume.files {
        let status: FileStatus?
        do throws(FileError) {
          status = try place.folder.appending(file.text).status()
        } catch {
          return "it cannot be read: \(error)"
        }
        if let status, let words = reason(status.kind, found: status.size, of: volume.size) { return words }
      }
    }
    return nil
  }

  /// What kind and size tell; `nil` if they are as they should be.
  static func reason(_ kind: FileStatus.Kind, found: Int64, of size: Int64) -> String? {
    guard kind == .file else { return "it is not a regular file" }
    guard found != size else { return nil }
    if found == 0 { return "it is empty" }
    if found < size { return "it was cut short: \(found) of \(Words.exactBytes(size)) are there" }
    return "it has \(Words.exactBytes(found)), and should have \(size)"
  }

  /// What the bytes tell of files that have the right size, but another SHA-256 than was signed.
  static func reason(ofBytesIn files: [Place], parity: Bool) -> String {
    var start = [UInt8](repeating: 0, count: 4096)
    let count = try? start.withUnsafeMutableBytes { bytes in try JoinedInput(files).fill(bytes) }
    guard let count else { return "it cannot be read" }
    return reason(ofStart: start.prefix(count), parity: parity)
  }

  /// The same, of the first bytes.
  static func reason(ofStart start: ArraySlice<UInt8>, parity: Bool) -> String {
    if start.allSatisfy({ $0 == 0 }) {
      return "it begins with zeros: its bytes never reached the stick"
    }
    if !parity, !start.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
      return "it does not begin as a volume does: another file"
    }
    return "it has other bytes than were signed"
  }
}
