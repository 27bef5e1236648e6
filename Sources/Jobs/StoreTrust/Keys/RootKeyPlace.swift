import BundleFormat
import FileSystem
import SystemPackage

/// Whether the file of a root key lies on a stick that leaves the house.
struct RootKeyPlace {
  /// The key's file.
  let key: FilePath
  /// The folder that bundles are written to, if one is known.
  let output: FilePath?
  /// The file systems of the key, of that folder, and of the store; `nil` where they are not known.
  var keyDevice: UInt64?
  var outputDevice: UInt64?
  var storeDevice: UInt64?
  /// The folder around the key that has bundles in it, if one has.
  var folderWithBundles: FilePath?

  /// Why everybody who gets the stick gets the key; `nil` if the key lies elsewhere.
  var problem: String? {
    if let output, key.starts(with: output) { return "bundles are written to \(output), which this is a part of" }
    if let folderWithBundles { return "\(folderWithBundles) has bundles, which are carried away" }
    if let output, let keyDevice, keyDevice == outputDevice, keyDevice != storeDevice {
      return "it lies on the medium that bundles are written to, \(output)"
    }
    return nil
  }

  /// A key's place on this host.
  static func of(key: FilePath, output: FilePath?, store: FilePath) -> RootKeyPlace {
    let (key, output, store) = (resolved(key), output.map(resolved), resolved(store))
    return RootKeyPlace(
      key: key,
      output: output,
      keyDevice: device(of: key),
      outputDevice: output.flatMap(device),
      storeDevice: device(of: store),
      folderWithBundles: folderWithBundles(around: key)
    )
  }

  /// The path with the links of its part that is there followed.
  private static func resolved(_ path: FilePath) -> FilePath {
    if let whole = try? Files.resolvingLinks(path) { return whole }
    guard let name = path.lastComponent, path.removingLastComponent() != path else { return path }
    let parent = path.removingLastComponent()
    return resolved(parent.isEmpty ? "." : parent).appending(name)
  }

  private static func device(of path: FilePath) -> UInt64? {
    var next = path
    while true {
      if let status = try? Files.status(next) { return status.device }
      guard next != next.removingLastComponent() else { return nil }
      next = next.removingLastComponent()
    }
  }

  /// Bundles lie at the top of a stick: each folder above the key is looked at, but not the host's own top.
  private static func folderWithBundles(around key: FilePath) -> FilePath? {
    var next = key.removingLastComponent()
    while next.components.count > 0 {
      if BundleReader.lie(in: next) { return next }
      next = next.removingLastComponent()
    }
    return nil
  }
}
