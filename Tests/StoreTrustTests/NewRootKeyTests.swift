import SystemPackage
import Testing

@testable import StoreTrust

/// What a new root key is protected by: its pass phrase, and where it lies.
@Suite struct NewRootKeyTests {
  @Test(arguments: [
    "", "ab", "elevenchars", "aaaaaaaaaaaa", "abababababab", "abcabcabcabcabc", "123456789012", "qwertyuiopas",
    "poiuytrewq", "lkjhgfdsapoiuytrewq", "Password123!", "kscmirror2026",
    "passwordpassword", "йцукенгшщзхъ", "abcdefghijklm",
  ])
  func `a pass phrase that can be guessed is refused`(_ phrase: String) {
    #expect(NewPassphrase.weakness(of: phrase) != nil)
  }

  @Test(arguments: [
    "correct horse battery staple", "a pass phrase", "correct horse", "cuatro palabras sin orden",
    "четыре разных слова",
    "Tr0ub4dor&3xyz", "мост лампа север", "a pass phrase for the demo", "password of my grandmother's cat",
  ])
  func `one that cannot is taken`(_ phrase: String) {
    #expect(NewPassphrase.weakness(of: phrase) == nil)
  }

  private struct Place {
    var key: FilePath
    var output: FilePath?
    var devices: (key: UInt64?, output: UInt64?, store: UInt64?) = (1, 1, 1)
    var bundles: FilePath?
  }

  @Test func `a root key lies on the stick that goes out if bundles are written there, or lie there`() {
    let places: [(Place, Bool)] = [
      (Place(key: "/var/lib/kscmirror/keys/root.key", output: "/media/stick", devices: (1, 2, 1)), false),
      (Place(key: "/media/stick/root.key", output: "/media/stick", devices: (2, 2, 1)), true),
      (Place(key: "/media/stick/a/root.key", output: "/media/stick", devices: (1, 1, 1)), true),
      (Place(key: "/media/stick/root.key", output: "/media/stick/out", devices: (2, 2, 1)), true),
      (Place(key: "/media/safe/root.key", output: "/media/stick", devices: (3, 2, 1)), false),
      (Place(key: "/media/sticks/root.key", output: "/media/stick", devices: (1, 1, 1)), false),
      (Place(key: "/root/root.key", output: "/var/lib/kscmirror-outbox", devices: (1, 1, 1)), false),
      (Place(key: "/media/stick/root.key", output: nil, devices: (2, nil, 1)), false),
      (Place(key: "/media/stick/root.key", output: nil, devices: (2, nil, 1), bundles: "/media/stick"), true),
    ]
    for (place, isOutgoing) in places {
      let judged = RootKeyPlace(
        key: place.key,
        output: place.output,
        keyDevice: place.devices.key,
        outputDevice: place.devices.output,
        storeDevice: place.devices.store,
        folderWithBundles: place.bundles
      )
      #expect((judged.problem != nil) == isOutgoing, "\(place.key), bundles to \(place.output?.string ?? "nowhere")")
    }
  }
}
