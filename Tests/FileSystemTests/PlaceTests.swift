import FileSystem
import Foundation
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// What is done in folders of others is done below them, whatever lies there and whatever others change meanwhile.
@Suite struct PlaceTests {
  /// A folder of somebody else's, and what must not be touched, beside it.
  private let ground = TemporaryFolder()
  private let folder: OpenFolder

  private static let secret = Array("not yours".utf8)

  init() throws {
    try FileManager.default.createDirectory(atPath: ground["victim/inner"].string, withIntermediateDirectories: true)
    for name in ["victim/file", "victim/inner/file"] { try Files.replace(ground[name], with: Self.secret) }
    folder = try OpenFolder(ground.subfolder("foreign"))
  }

  private var place: Place { folder.place }

  private func expectVictimAsBefore(_ comment: Comment? = nil) throws {
    let names = try FileManager.default.subpathsOfDirectory(atPath: ground["victim"].string).sorted()
    #expect(names == ["file", "inner", "inner/file"], comment)
    #expect(try Files.read(ground["victim/file"], atMost: 100) == Self.secret, comment)
    #expect(try Files.read(ground["victim/inner/file"], atMost: 100) == Self.secret, comment)
  }

  private func reason(_ body: () throws -> Void) -> Int32? {
    (#expect(throws: FileError.self) { try body() })?.reason.rawValue
  }

  // MARK: - Names

  @Test func `names are bytes, and whatever could lead elsewhere is no name`() throws {
    let odd: [[UInt8]] = [
      [0xFF, 0xFE], Array("e\u{301}".utf8), Array("\u{E9}".utf8), [0x0A, 0x1B], Array(repeating: 0x61, count: 255),
    ]
    for bytes in odd { try place.appending(bytes: bytes).replace(with: bytes) }
    #expect(try Set(place.entries().map(\.bytes)) == Set(odd))
    for entry in try place.entries() { #expect(try place.appending(entry).read(atMost: 300) == entry.bytes) }
    for wrong in ["", ".", "..", "a/b", "a\0b", "/etc"] {
      #expect(reason { try place.appending(wrong).replace(with: [1]) } == EINVAL, "\(wrong.debugDescription)")
      #expect(reason { _ = try place.appending(wrong).appending("x").status() } == EINVAL, "\(wrong.debugDescription)")
    }
    for wrong in ["../victim/file", "a/../../victim/file", "/victim/file", "a//b"] {
      #expect(reason { _ = try place.pushing(wrong).read(atMost: 100) } == EINVAL, "\(wrong)")
    }
  }

  @Test func `below a place that ignores case the exact name counts first, and two others are refused`() throws {
    try place.pushing("B/DATA").makeFolder()
    try place.pushing("B/DATA/LIST.TXT").replace(with: [1])
    try place.pushing("B/DATA/Two").replace(with: [2])
    try place.pushing("B/DATA/TWO").replace(with: [3])
    let any = place.appending("B").ignoringCase
    #expect(try any.pushing("data/list.txt").read(atMost: 1) == [1])
    #expect(try any.pushing("data/Two").read(atMost: 1) == [2] && any.pushing("Data/TWO").read(atMost: 1) == [3])
    #expect(reason { _ = try any.pushing("data/two").read(atMost: 1) } == ENOTUNIQ)
    #expect(reason { _ = try any.pushing("data/none").read(atMost: 1) } == ENOENT)
    #expect(try any.pushing("data/none").status() == nil && any.pushing("none/none").status() == nil)
    let entries = try any.appending("data").entries()
    #expect(entries.map(\.name) == ["list.txt", "two", "two"])
    #expect(try any.appending("data").appending(entries[0]).read(atMost: 1) == [1])
    // The names above the place are those that it was made with.
    #expect(try place.appending("b").ignoringCase.status() == nil)
    #expect(try place.pushing("B/data/list.txt").status() == nil && any.parent.appending("b").status() == nil)
    // Links are followed as little as elsewhere.
    try FileManager.default.createSymbolicLink(
      atPath: ground["foreign/B/LINK"].string,
      withDestinationPath: ground["victim"].string
    )
    #expect(reason { _ = try any.pushing("link/file").read(atMost: 100) } != nil)
  }

  @Test func `a path longer than the system takes is reached name by name`() throws {
    let name = String(repeating: "n", count: 250)
    var deep = place
    for _ in 0..<40 { deep = deep.appending(name) }
    try deep.makeFolder()
    try deep.appending("file").replace(with: [7])
    #expect(try deep.appending("file").read(atMost: 1) == [7])
    #expect(try place.appending(name).appending(name).status()?.kind == .folder)
    try place.appending(name).removeTree()
    #expect(try place.entries().isEmpty)
  }

  @Test func `a folder is made where it is missing, and not through a link that leads nowhere`() throws {
    let made = try OpenFolder.making(ground["new/deep"], permissions: 0o750)
    try made.place.appending("a").replace(with: [1], permissions: 0o640)
    #expect(try Files.status(ground["new/deep"])?.permissions == 0o750)
    #expect(try Files.status(ground["new/deep/a"])?.permissions == 0o640)
    try Files.makeLink(ground["dangling"], to: ground["elsewhere"].string)
    #expect(throws: FileError.self) { try OpenFolder.making(ground["dangling/deep"]) }
    #expect(try Files.status(ground["elsewhere"]) == nil)
    // What is named may be a link: it is the administrator who named it.
    try Files.makeLink(ground["link"], to: ground["new"].string)
    #expect(try OpenFolder(ground["link"]).place.entries().map(\.name) == ["deep"])
  }

  // MARK: - Links and pipes

  @Test func `a link is followed by nothing, at the end of a name or on the way`() throws {
    try Files.makeLink(ground["foreign/dir"], to: ground["victim"].string)
    try Files.makeLink(ground["foreign/file"], to: ground["victim/file"].string)
    try Files.makeLink(ground["foreign/relative"], to: "../victim/inner")
    for name in ["dir/file", "dir/new", "relative/file", "dir/inner/file"] {
      let inner = place.pushing(name)
      #expect(reason { _ = try inner.read(atMost: 100) } == ELOOP, "\(name)")
      #expect(reason { _ = try inner.status() } == ELOOP, "\(name)")
      #expect(reason { try inner.replace(with: [1]) } == ELOOP, "\(name)")
      #expect(reason { try inner.makeFolder() } == ELOOP, "\(name)")
      #expect(reason { try inner.remove() } == ELOOP, "\(name)")
      #expect(reason { try inner.removeTree() } == ELOOP, "\(name)")
      #expect(reason { try inner.rename(to: place.appending("x")) } == ELOOP, "\(name)")
      #expect(reason { _ = try OutputFile(inner) } == ELOOP, "\(name)")
    }
    #expect(reason { _ = try place.appending("file").read(atMost: 100) } == ELOOP)
    #expect(reason { _ = try OutputFile(place.appending("file")) } == EEXIST)
    #expect(reason { _ = try place.appending("dir").entries() } == ELOOP)
    #expect(reason { _ = try place.appending("dir").opened() } == ELOOP)
    #expect(reason { try place.appending("dir").makeFolder() } == ELOOP)
    #expect(reason { try UncachedFile.read(place.appending("file")) { _ in } } == ELOOP)
    #expect(try place.appending("dir").status()?.kind == .link)
    // A new file takes the link's place, and not that of what it leads to.
    try place.appending("file").replace(with: [1])
    #expect(try place.appending("file").read(atMost: 1) == [1])
    try place.appending("dir").removeTree()
    try place.appending("relative").remove()
    #expect(try place.entries().map(\.name) == ["file"])
    try expectVictimAsBefore()
  }

  @Test(.timeLimit(.minutes(45))) func `a pipe in the way hangs nothing`() throws {
    for name in ["in", "out"] { mkfifo(ground["foreign"].appending(name).string, 0o666) }
    for number in 0..<200 { mkfifo(ground["foreign"].appending(".out.\(Int(getpid()) + number).tmp").string, 0o666) }
    #expect(reason { _ = try InputFile(place.appending("in")) } == EINVAL)
    #expect(reason { try UncachedFile.read(place.appending("in")) { _ in } } == EINVAL)
    #expect(reason { _ = try OutputFile(place.appending("out")) } == EEXIST)
    #expect(reason { _ = try place.appending("in").entries() } == ENOTDIR)
    #expect(reason { try place.appending("in").makeFolder() } == ENOTDIR)
    try place.appending("out").replace(with: [3])
    #expect(try place.appending("out").read(atMost: 1) == [3])
    try place.appending("in").removeTree()
    #expect(try place.appending("in").status() == nil)
  }

  @Test func `a socket or a device in the place of a file is no regular file, and no disk that has gone`() throws {
    try #require(mknod(ground["foreign/socket"].string, S_IFSOCK | 0o600, 0) == 0)
    var names = ["socket"]
    // A device with no driver. Who may not make devices leaves it out.
    let unknown = dev_t(0xFE << 8 | 0xFE)
    if mknod(ground["foreign/characters"].string, S_IFCHR | 0o600, unknown) == 0 { names.append("characters") }
    if mknod(ground["foreign/blocks"].string, S_IFBLK | 0o600, unknown) == 0 { names.append("blocks") }
    for name in names {
      let path = ground["foreign"].appending(name)
      var reading: [() throws -> Void] = [
        { _ = try InputFile(place.appending(name)) }, { _ = try InputFile(path) },
        { try UncachedFile.read(place.appending(name)) { _ in } }, { _ = try FileDigest.of(path) },
        { _ = try place.appending(name).read(atMost: 10) },
      ]
      // What a person names may be a terminal.
      if name != "characters" { reading.append { _ = try OutputFile(path) } }
      for body in reading {
        let error = #expect(throws: FileError.self, "\(name)") { try body() }
        #expect(error?.isDeviceFailure == false && error?.isNoSuchPlainFile == true, "\(name): \(error as Any)")
      }
      #expect(reason { _ = try place.appending(name).entries() } == ENOTDIR, "\(name)")
      #expect(reason { _ = try OutputFile(place.appending(name)) } == EEXIST, "\(name)")
      try place.appending(name).replace(with: [3])
      #expect(try place.appending(name).read(atMost: 1) == [3], "\(name)")
    }
  }

  @Test func `a new file has a name that nobody can guess until it is whole, and is gone if it is not kept`() throws {
    do {
      let first = try Draft(for: place.appending("a"))
      let second = try Draft(for: place.appending("a"))
      let names = try place.entries().map(\.name)
      #expect(names.count == 2 && !names.contains("a") && names.allSatisfy { !$0.contains("\(getpid())") })
      _ = (first.file.count, second.file.count)
    }
    #expect(try place.entries().isEmpty)
  }

  // MARK: - Trees

  /// Lays a random tree with names of any bytes, links out of it, pipes and folders without rights.
  private func lay(_ random: inout SeededGenerator, in folder: Place, depth: Int = 0) throws {
    for _ in 0..<Int.random(in: 0...6, using: &random) {
      let length = Int.random(in: 1...20, using: &random)
      let bytes = (0..<length).map { _ in
        let byte = UInt8.random(in: 1...255, using: &random)
        return byte == UInt8(ascii: "/") || byte == UInt8(ascii: ".") ? UInt8(ascii: "x") : byte
      }
      let inner = folder.appending(bytes: bytes)
      guard try inner.status() == nil else { continue }
      let raw = ground.path.string + "/raw"
      switch Int.random(in: 0...4, using: &random) {
      case 0: try inner.replace(with: bytes)
      case 1:
        symlink(["/", "..", ground["victim"].string, "nowhere"].randomElement(using: &random) ?? "/", raw)
        try move(raw, to: inner)
      case 2:
        mkfifo(raw, 0o600)
        try move(raw, to: inner)
      default:
        try inner.makeNewFolder()
        if depth < 6 { try lay(&random, in: inner, depth: depth + 1) }
      }
    }
  }

  private func move(_ raw: String, to place: Place) throws {
    let outer = try OpenFolder(ground.path).place
    try outer.appending(String(raw.split(separator: "/").last ?? "")).rename(to: place)
  }

  @Test(arguments: 0..<40) func `any tree is removed whole, and nothing beside it`(seed: UInt64) throws {
    var random = SeededGenerator(seed)
    let tree = place.appending("tree")
    try tree.makeNewFolder()
    try lay(&random, in: tree)
    try place.appending("kept").replace(with: [1])
    try tree.removeTree()
    #expect(try place.entries().map(\.name) == ["kept"], "seed \(seed)")
    try expectVictimAsBefore("seed \(seed)")
  }

  @Test func `a tree of any depth is removed with few open folders`() throws {
    let top = place.appending("tree")
    try top.makeNewFolder()
    var inner = try top.opened()
    for number in 0..<6000 {
      let next = inner.place.appending("d")
      try next.makeNewFolder()
      if number % 100 == 0 { try inner.place.appending("file").replace(with: [1]) }
      inner = try next.opened()
    }
    try top.removeTree()
    #expect(try place.entries().isEmpty)
  }

  @Test func `what another file system holds is not removed with a tree`() throws {
    guard getuid() == 0 else { return }
    try place.pushing("tree/mounted").makeFolder()
    let mounted = ground["foreign/tree/mounted"].string
    guard (try? Command.run("mount", ["-t", "tmpfs", "tmpfs", mounted])) != nil else { return }
    defer { _ = try? Command.run("umount", ["-l", mounted]) }
    try place.pushing("tree/mounted/kept").replace(with: [1])
    #expect(reason { try place.appending("tree").removeTree() } == EXDEV)
    #expect(try place.pushing("tree/mounted/kept").read(atMost: 1) == [1])
  }

  // MARK: - Races

  /// Runs `body` while somebody swaps a folder for a link to the victim, back and forth.
  private func racing(_ name: String, _ body: () throws -> Void) throws {
    let foreign = ground["foreign"]
    try Files.makeLink(foreign.appending("trap"), to: ground["victim"].string)
    let isOver = Mutex(false)
    let swaps = Mutex(0)
    let (trap, target) = (foreign.appending("trap").string, foreign.appending(name).string)
    let ended = DispatchSemaphore(value: 0)
    try withoutActuallyEscaping(body) { body in
      let race = Race(isOver: { isOver.withLock { $0 } }, trap: trap, target: target) { swaps.withLock { $0 += 1 } }
      race.start(ended)
      defer {
        isOver.withLock { $0 = true }
        ended.wait()
      }
      try body()
    }
    #expect(swaps.withLock { $0 } > 0)
    try expectVictimAsBefore()
  }

  @Test func `a folder that is swapped for a link while it is written, read or removed leads nowhere`() throws {
    let folder = place.appending("swapped")
    try folder.makeFolder()
    try racing("swapped") {
      for number in 0..<300 {
        let file = folder.appending("file")
        try? file.replace(with: [UInt8(number & 0xFF)])
        if let bytes = try? file.read(atMost: 100) { #expect(bytes.count == 1) }
        if let status = try? file.status() { #expect(status.size <= 1) }
        try? folder.appending("inner").makeFolder()
        try? folder.pushing("inner/x").replace(with: [1])
        try? folder.appending("inner").removeTree()
        try? file.remove()
        if number % 10 == 0 {
          try? folder.removeTree()
          try? folder.makeFolder()
        }
      }
    }
  }
}

/// Somebody who swaps two names as fast as they can.
private struct Race: Sendable {
  let isOver: @Sendable () -> Bool
  let trap: String
  let target: String
  let note: @Sendable () -> Void

  init(isOver: @escaping @Sendable () -> Bool, trap: String, target: String, _ note: @escaping @Sendable () -> Void) {
    (self.isOver, self.trap, self.target, self.note) = (isOver, trap, target, note)
  }

  func start(_ ended: DispatchSemaphore) {
    Thread {
      let aside = trap + ".aside"
      while !isOver() {
        guard rename(target, aside) == 0 else { continue }
        if rename(trap, target) == 0 {
          note()
          _ = rename(target, trap)
        }
        if rename(aside, target) != 0 { _ = try? FileManager.default.removeItem(atPath: aside) }
      }
      ended.signal()
    }.start()
  }
}
