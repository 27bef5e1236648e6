import Foundation
import SystemPackage
import TestSupport
import Testing

/// A bundle is a BagIt bag, which tools that know nothing of kscmirror can check.
@Suite struct BagTests {
  private func packed() async throws -> World {
    let world = try World(files: 24, meanSize: 400)
    #expect(try await world.sync().status == 0)
    #expect(try await world.pack().status == 0)
    return world
  }

  /// What sha256sum says of the files that a list names.
  private func isSound(_ bundle: FilePath, by list: String) -> Bool {
    let script = "cd \"$1\" && sha256sum --check --strict --quiet \"$2\""
    return (try? Command.run("sh", ["-c", script, "sh", bundle.string, list])) != nil
  }

  /// Flips a bit in the middle of a file for as long as `body` runs.
  private func withFlip(_ file: FilePath, _ body: () throws -> Void) throws {
    let url = URL(fileURLWithPath: file.string)
    let sound = try Data(contentsOf: url)
    var damaged = sound
    damaged[sound.count / 2] ^= 1
    try damaged.write(to: url)
    try body()
    try sound.write(to: url)
  }

  @Test func `sha256sum takes a fresh bundle, and finds a flipped bit in any file`() async throws {
    let world = try await packed()
    let bundle = world.bundle(1)
    #expect(isSound(bundle, by: "manifest-sha256.txt"))
    #expect(isSound(bundle, by: "tagmanifest-sha256.txt"))
    let names = try World.files(below: bundle).keys.sorted()
    #expect(names.count == 5 + 5 + 1)
    for name in names where name != "tagmanifest-sha256.txt" {
      let list = name.hasPrefix("data/") ? "manifest-sha256.txt" : "tagmanifest-sha256.txt"
      try withFlip(bundle.pushing(FilePath(name))) { #expect(!isSound(bundle, by: list), "\(name)") }
    }
    #expect(isSound(bundle, by: "manifest-sha256.txt"))
    #expect(isSound(bundle, by: "tagmanifest-sha256.txt"))
  }

  @Test func `the label tells a person what the bundle is, and lies beside it too`() async throws {
    let world = try await packed()
    let label = try String(contentsOfFile: world.bundle(1).appending("LABEL.txt").string, encoding: .utf8)
    #expect(try String(contentsOfFile: world.stick.appending("LABEL.txt").string, encoding: .utf8) == label)
    let digits = try await world.fingerprint()
    let sums = try Command.run("sha256sum", [world.bundle(1).appending("manifest-sha256.txt").string])
    for text in [
      "KSCMIRROR BUNDLE", "Snapshot   1, sealed", "Site       any", "Volumes    1", String(digits.prefix(39)),
      String(digits.suffix(39)), String(sums.prefix(64)), "sha256sum -c manifest-sha256.txt",
    ] {
      #expect(label.contains(text), "\(text)")
    }
    #expect(label.utf8.allSatisfy { $0 == 0x0A || (0x20..<0x7F).contains($0) })
    #expect(label.split(separator: "\n").allSatisfy { $0.count <= 80 || $0.hasPrefix("Signature") })
  }

  // MARK: - The Library of Congress's bagit

  /// A Python with bagit, as `Mirror/conformance --python` prints one.
  private static let python = ProcessInfo.processInfo.environment["KSCMIRROR_PYTHON"].flatMap { python in
    (try? Command.run("sh", ["-c", "exec \"$1\" -c 'import bagit'", "sh", python])) == nil ? nil : python
  }

  @Test(.enabled(if: python != nil, "KSCMIRROR_PYTHON names no Python with bagit"))
  func `bagit takes a fresh bundle, and finds a flipped bit in any file`() async throws {
    let world = try await packed()
    let bundle = world.bundle(1)
    let python = try #require(Self.python)
    // One start of Python for all: it prints the names of the files whose change was not found.
    let script = """
      import bagit, logging, os, sys
      logging.disable(logging.CRITICAL)
      top = sys.argv[1]
      def is_valid():
        try:
          bag = bagit.Bag(top)
          bag.validate()
          return True
        except (bagit.BagError, UnicodeError):
          return False
      assert is_valid()
      for folder, _, names in os.walk(top):
        for name in names:
          path = os.path.join(folder, name)
          sound = open(path, "rb").read()
          middle = len(sound) // 2
          open(path, "wb").write(sound[:middle] + bytes([sound[middle] ^ 1]) + sound[middle + 1:])
          if is_valid():
            print(name)
          open(path, "wb").write(sound)
      assert is_valid()
      """
    try world.write(script, to: world.folder["check.py"])
    let run = "exec \"$1\" \"$2\" \"$3\""
    let missed = try Command.run("sh", ["-c", run, "sh", python, world.folder["check.py"].string, bundle.string])
    #expect(missed == "")
    let info = try String(contentsOfFile: bundle.appending("bag-info.txt").string, encoding: .utf8)
    #expect(info.contains("External-Identifier: kscmirror-000001, metadata version "))
  }
}
