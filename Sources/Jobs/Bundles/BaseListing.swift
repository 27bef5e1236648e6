import ContentStore
import JobCore
import MirrorTypes
import StoreTrust
import StrictJSON
import Trust

/// The list of a snapshot's files in the form that signed metadata has them in, which both sides can make. The signed
/// list of an incremental bundle is a patch against it.
package enum BaseListing {
  /// The bytes for a snapshot of a store: what stands in canonical `targets` for each file, with a comma behind it, in
  /// the order of the paths.
  package static func bytes(of snapshot: Int, in store: ContentStore) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try store.forEachFile(in: snapshot) { file in
      let entry: JSONObject = [file.path.string: .object(TargetFile(file).object)]
      bytes += JSONValue.object(entry).serialized.dropFirst().dropLast()
      bytes.append(UInt8(ascii: ","))
    }
    return bytes
  }
}
