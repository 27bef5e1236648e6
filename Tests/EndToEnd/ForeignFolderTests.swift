import Foundation
import SystemPackage
import TestSupport
import Testing

/// Folders that somebody else may write to: what they lay there, before a command or while it runs, makes it write, read
/// and remove nothing elsewhere, and hangs nothing.
@Suite struct ForeignFolderTests {
  /// What must stay as it is: files that only root may read, in a folder of root's.
  private struct Victim {
    let path: FilePath
    private static let secret = Data("ROOT-ONLY-SECRET".utf8)

    init(in folder: FilePath) throws {
      path = folder.appending("victim")
      let manager = FileManager.default
      try manager.createDirectory(
        atPath: path.pushing("data/volumes").string,
        withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700]
      )
      for name in ["secret", "LABEL.txt", "data/volumes/precious", "zz-precious"] {
        try Self.secret.write(to: URL(fileURLWithPath: path.pushing(FilePath(name)).string))
      }
    }

    func expectAsBefore(_ comment: Comment) throws {
      let files = try World.files(below: path)
      #expect(files.keys.sorted() == ["LABEL.txt", "data/volumes/precious", "secret", "zz-precious"], comment)
      #expect(files.values.allSatisfy { $0 == Self.secret }, comment)
    }

    /// Whether anything below a folder holds the secret.
    static func isTold(below folder: FilePath) throws -> Bool {
      try World.files(below: folder).values.contains { $0.firstRange(of: secret) != nil }
    }
  }

  private func link(_ path: FilePath, to target: FilePath) throws {
    try? FileManager.default.removeItem(atPath: path.string)
    try FileManager.default.createSymbolicLink(atPath: path.string, withDestinationPath: target.string)
  }

  /// Gives a folder to the user `nobody`, as that of a drop folder is.
  private func giveAway(_ path: FilePath) { _ = chown(path.string, 65534, 65534) }

  /// A connected world, synced, with an output folder of somebody else's.
  private func packing() async throws -> (world: World, output: FilePath, victim: Victim) {
    let world = try World(files: 24, meanSize: 400)
    try #require(try await world.sync().status == 0)
    try await world.makeKeys()
    let output = world.folder["drop"]
    try FileManager.default.createDirectory(atPath: output.string, withIntermediateDirectories: true)
    giveAway(output)
    return (world, output, try Victim(in: world.folder.path))
  }

  private func stream(_ world: World, to file: FilePath) async throws -> Outcome {
    try await world.run("pack", "--config", world.configuration.string, "--stream", file.string)
  }

  // MARK: - Exchange folders: written

  @Test func `exchange receive writes nothing through a link in the place of a site's folder`() async throws {
    let ground = try await ExchangeGround()
    let victim = try Victim(in: ground.folder.path)
    try ground.put("* * * * * root id", "plant/lists/job")
    try ground.put("deep", "plant/lists/deep/er/job")
    giveAway(ground.folder["office/lists"])
    try link(ground.folder["office/lists/plant"], to: victim.path)
    let refused = try await ground.out(ground.plant)
    #expect(refused.status == Exit.cannotCreate, "\(refused.status) \(refused.errors)")
    #expect(refused.errors.contains("plant") && refused.errors.contains("link"), "\(refused.errors)")
    try victim.expectAsBefore("a link in the place of the site's folder")
    // One that lies deeper, and one that leads to where nothing is.
    for target in [victim.path, ground.folder["nowhere"]] {
      try FileManager.default.removeItem(atPath: ground.folder["office/lists/plant"].string)
      try FileManager.default.createDirectory(
        atPath: ground.folder["office/lists/plant/deep"].string,
        withIntermediateDirectories: true
      )
      try link(ground.folder["office/lists/plant/deep/er"], to: target)
      let deeper = try await ground.connected("exchange", "receive")
      #expect(deeper.status == Exit.cannotCreate && deeper.errors.contains("deep/er"), "\(deeper.errors)")
      #expect(!FileManager.default.fileExists(atPath: ground.folder["nowhere"].string))
      try victim.expectAsBefore("a link below the site's folder")
    }
    let journal = try await ground.connected("log")
    #expect(journal.output.contains("refus"), "\(journal.output)")
    // With the links away all of it comes.
    try FileManager.default.removeItem(atPath: ground.folder["office/lists/plant"].string)
    let received = try await ground.connected("exchange", "receive")
    #expect(received.status == 0, "\(received.errors)")
    #expect(try ground.files("office/lists") == ["plant/job": "* * * * * root id", "plant/deep/er/job": "deep"])
  }

  @Test func `an exchange folder that the configuration names may itself be a link`() async throws {
    let ground = try await ExchangeGround()
    try ground.put("one", "plant/lists/a")
    try FileManager.default.removeItem(atPath: ground.folder["office/lists"].string)
    let elsewhere = try ground.folder.subfolder("elsewhere")
    try link(ground.folder["office/lists"], to: elsewhere)
    #expect(try await ground.out(ground.plant).status == 0)
    #expect(try ground.files("elsewhere") == ["plant/a": "one"])
  }

  @Test(.timeLimit(.minutes(45)))
  func `links and pipes in the place of a file are replaced or refused, and hang nothing`() async throws {
    let ground = try await ExchangeGround()
    let victim = try Victim(in: ground.folder.path)
    for name in ["a", "b", "c"] { try ground.put("new \(name)", "office/patches/\(name)") }
    for name in ["a", "b", "c"] {
      mkfifo(ground.folder["plant/patches"].appending(".\(name).kscmirror-part").string, 0o666)
    }
    try link(ground.folder["plant/patches/a"], to: victim.path.appending("secret"))
    mkfifo(ground.folder["plant/patches/b"].string, 0o666)
    let refused = try await ground.into(ground.plant)
    #expect(
      refused.status == Exit.cannotCreate && refused.errors.contains("is not a regular file"),
      "\(refused.errors)"
    )
    try victim.expectAsBefore("a link in the place of a file")
    for name in ["a", "b"] { try FileManager.default.removeItem(atPath: ground.folder["plant/patches/\(name)"].string) }
    #expect(try await ground.site(ground.plant, "exchange", "receive").status == 0)
    #expect(try ground.files("plant/patches") == ["a": "new a", "b": "new b", "c": "new c"])
  }

  // MARK: - Exchange folders: read

  @Test func `what leaves is what was scanned, whatever is swapped for a link meanwhile`() async throws {
    let ground = try await ExchangeGround()
    let victim = try Victim(in: ground.folder.path)
    let lists = ground.folder["plant/lists"]
    for round in 0..<6 {
      for number in 0..<40 { try ground.put("harmless \(round)", "plant/lists/d/secret-\(round)-\(number)") }
      try ground.put("harmless \(round)", "plant/lists/d/secret")
      giveAway(lists)
      let swapper = try Swapper(lists.appending("d"), for: victim.path)
      let sent = try await ground.site(ground.plant, "exchange", "send", "--output", ground.world.stick.string)
      await swapper.stop()
      #expect(sent.status >= 0 && sent.status < 128, "\(sent.status) \(sent.errors)")
      try victim.expectAsBefore("round \(round)")
    }
    _ = try await ground.site(ground.plant, "parcel", "send", "--output", ground.world.stick.string)
    _ = try await ground.connected("collect", ground.world.stick.string)
    _ = try await ground.connected("exchange", "receive")
    #expect(try !Victim.isTold(below: ground.folder["office"]))
  }

  @Test func `a file that changes after it was scanned is not sent in another form than the list says`() async throws {
    let ground = try await ExchangeGround()
    let place = ground.folder["plant/lists/grows"]
    let big = Data(repeating: 7, count: 64 << 20)
    try big.write(to: URL(fileURLWithPath: ground.folder["plant/lists/a-big"].string))
    try ground.put("0", "plant/lists/grows")
    let writer = Writer(place)
    let sent = try await ground.site(ground.plant, "exchange", "send", "--output", ground.world.stick.string)
    writer.stop()
    #expect(sent.status == Exit.inputOutput && sent.errors.contains("grows"), "\(sent.status) \(sent.errors)")
    #expect(sent.errors.contains("changed"), "\(sent.errors)")
    let again = try await ground.out(ground.plant)
    #expect(again.status == 0, "\(again.errors)")
    #expect(try ground.files("office/lists").keys.sorted() == ["plant/a-big", "plant/grows"])
  }

  // MARK: - Output folders

  @Test func `clean-up of an output folder removes nothing beyond it, whatever is swapped for a link`() async throws {
    let (world, output, victim) = try await packing()
    let stem = output.appending("kscmirror-000001.part")
    for round in 0..<4 {
      let inner = stem.appending("z")
      try FileManager.default.createDirectory(atPath: inner.string, withIntermediateDirectories: true)
      for name in ["data/volumes", "precious-folder"] {
        try FileManager.default.createDirectory(
          atPath: inner.pushing(FilePath(name)).string,
          withIntermediateDirectories: true
        )
      }
      for number in 0..<2000 {
        _ = FileManager.default.createFile(atPath: inner.appending("\(number)").string, contents: nil)
      }
      let swapper = try Swapper(inner, for: victim.path)
      let packed = try await world.pack("--overwrite", to: output)
      await swapper.stop()
      #expect(packed.status >= 0 && packed.status < 128, "\(packed.status) \(packed.errors)")
      try victim.expectAsBefore("round \(round)")
      try? FileManager.default.removeItem(atPath: stem.string)
    }
    #expect(try await world.pack("--overwrite", to: output).status == 0)
    #expect(try await world.import(from: output).status == 0)
  }

  @Test func `links in the place of folders that pack makes, moves or removes lead nowhere`() async throws {
    let (world, output, victim) = try await packing()
    for name in ["kscmirror-000001.part", "kscmirror-000001.old", "kscmirror-000001", "LABEL.txt"] {
      let target = name == "LABEL.txt" ? victim.path.appending(name) : victim.path
      try link(output.appending(name), to: target)
      let packed = try await world.pack("--overwrite", "--replace", to: output)
      #expect(packed.status == 0, "\(name): \(packed.errors)")
      try victim.expectAsBefore("\(name)")
      try FileManager.default.removeItem(atPath: output.appending("kscmirror-000001").string)
    }
    for name in ["kscmirror-000007", "kscmirror-000007.part", "kscmirror-000007.old"] {
      try link(output.appending(name), to: victim.path)
    }
    #expect(try await world.pack("--replace", to: output).status == 0)
    try victim.expectAsBefore("bundles of other snapshots")
  }

  @Test(.timeLimit(.minutes(45))) func `pipes under names that can be guessed hang no command`() async throws {
    let (world, output, victim) = try await packing()
    for number in 0..<4000 {
      let process = Int(getpid()) + number
      for name in ["LABEL.txt", "kscmirror-receipt"] {
        mkfifo(output.appending(".\(name).\(process).tmp").string, 0o666)
      }
    }
    for name in ["LABEL.txt", "kscmirror-000001.part", "kscmirror-000001.old", "stream.tar.part"] {
      mkfifo(output.appending(name).string, 0o666)
    }
    let packed = try await world.pack(to: output)
    #expect(packed.status == 0, "\(packed.errors)")
    #expect(try await world.import(from: output).status == 0)
    let streamed = try await stream(world, to: output.appending("stream.tar"))
    #expect(streamed.status == 0, "\(streamed.errors)")
    let size = try FileManager.default.attributesOfItem(atPath: output.appending("stream.tar").string)[.size] as? Int
    #expect((size ?? 0) > 1000)
    try victim.expectAsBefore("pipes")
  }

  @Test func `a link in the place of an unfinished stream is not written through`() async throws {
    let (world, output, victim) = try await packing()
    try link(output.appending("stream.tar.part"), to: victim.path.appending("secret"))
    try link(output.appending("stream.tar"), to: victim.path.appending("LABEL.txt"))
    let streamed = try await stream(world, to: output.appending("stream.tar"))
    #expect(streamed.status == 0, "\(streamed.errors)")
    try victim.expectAsBefore("a link in the place of a stream")
    let imported = try await world.import(from: output.appending("stream.tar"))
    #expect(imported.status == 0, "\(imported.errors)")
  }

  @Test func `a tree deeper than any path in an output folder is in nobody's way`() async throws {
    let (world, output, victim) = try await packing()
    try Command.run(
      "python3",
      [
        "-c",
        """
        import os, sys
        os.chdir(sys.argv[1]); os.mkdir("kscmirror-000001.part"); os.chdir("kscmirror-000001.part")
        for _ in range(400):
          os.mkdir("d" * 200); os.chdir("d" * 200)
        """, output.string,
      ]
    )
    let packed = try await world.pack(to: output)
    #expect(packed.status == 0, "\(packed.errors)")
    try victim.expectAsBefore("a deep tree")
  }

  @Test func `spread and resplit write and remove nothing through links`() async throws {
    let (world, output, victim) = try await packing()
    for name in ["kscmirror-000001.part", "kscmirror-000001.old"] { try link(output.appending(name), to: victim.path) }
    let spread = try await world.pack("--spread", to: output)
    #expect(spread.status == 0, "\(spread.errors)")
    try victim.expectAsBefore("spread")
    let other = world.folder["other"]
    try FileManager.default.createDirectory(atPath: other.string, withIntermediateDirectories: true)
    for name in ["kscmirror-000001.part", "LABEL.txt"] {
      try link(other.appending(name), to: name == "LABEL.txt" ? victim.path.appending(name) : victim.path)
    }
    let words = ["bundle", "resplit", output.string, "--size", "1MiB", "--output", other.string]
    let resplit = try await world.run(words)
    #expect(resplit.status == 0, "\(resplit.errors)")
    try victim.expectAsBefore("resplit")
    #expect(try await world.import(from: other).status == 0)
  }

  // MARK: - Parcels, receipts

  @Test func `parcel send and receipts write and remove nothing through links`() async throws {
    let ground = try await ExchangeGround()
    let victim = try Victim(in: ground.folder.path)
    let stick = ground.world.stick
    try ground.put("one", "plant/lists/a")
    #expect(try await ground.site(ground.plant, "exchange", "send").status == 0)
    let name = "kscmirror-parcel-plant-000001"
    for mark in [".part", ".old"] { try link(stick.appending(name + mark), to: victim.path) }
    for _ in 0..<2 {
      let sent = try await ground.site(ground.plant, "parcel", "send", "--output", stick.string)
      #expect(sent.status == 0, "\(sent.errors)")
      try victim.expectAsBefore("parcel send")
      // A folder that is a link is another parcel's, or none: it is replaced, and not followed.
      try FileManager.default.removeItem(atPath: stick.appending(name).string)
      try link(stick.appending(name), to: victim.path)
    }
    try FileManager.default.removeItem(atPath: stick.appending(name).string)
    let receipts = try FileManager.default.contentsOfDirectory(atPath: stick.string).filter { $0.contains("receipt") }
    for receipt in receipts { try link(stick.appending(receipt), to: victim.path.appending("secret")) }
    let written = try await ground.site(ground.plant, "receipt", "--output", stick.string)
    #expect(written.status == 0, "\(written.errors)")
    try victim.expectAsBefore("receipts")
  }

  @Test func `collect reads no parcel through a link`() async throws {
    let ground = try await ExchangeGround()
    let stick = ground.world.stick
    try ground.put("one", "plant/lists/a")
    let sent = try await ground.site(ground.plant, "exchange", "send", "--output", stick.string)
    try #require(sent.status == 0, "\(sent.errors)")
    let folder = stick.appending("kscmirror-parcel-plant-000001")
    let aside = ground.folder["aside"]
    for name in ["", "payload.sealed", "CONTENTS.txt"] {
      let place = name.isEmpty ? folder : folder.appending(name)
      try FileManager.default.moveItem(atPath: place.string, toPath: aside.string)
      try link(place, to: aside)
      let refused = try await ground.connected("collect", stick.string)
      #expect(refused.status != 0, "\(name): \(refused.output)")
      try FileManager.default.removeItem(atPath: place.string)
      try FileManager.default.moveItem(atPath: aside.string, toPath: place.string)
    }
    #expect(try await ground.connected("collect", stick.string).status == 0)
  }

  // MARK: - Reports

  @Test func `evidence and reports are for root and its group, and are not written through links`() async throws {
    let ground = try await LicenceGround()
    let world = ground.world
    let victim = try Victim(in: world.folder.path)
    let sheets = world.folder["evidence"]
    #expect(try await world.import("--evidence", sheets.string).status == 0)
    func mode(_ path: FilePath) throws -> Int {
      try FileManager.default.attributesOfItem(atPath: path.string)[.posixPermissions] as? Int ?? 0
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: sheets.string)
    #expect(try !names.isEmpty && mode(sheets) == 0o750)
    for name in names { #expect(try mode(sheets.appending(name)) == 0o640, "\(name)") }
    // The next sheets have the next numbers: they take the place of links, and of nothing behind them.
    for name in names {
      try link(sheets.appending(name), to: victim.path.appending("secret"))
    }
    _ = try await world.import("--evidence", sheets.string)
    try victim.expectAsBefore("evidence")
    try link(world.folder["dangling"], to: world.folder["nowhere"])
    let dangling = try await world.import("--evidence", world.folder["dangling/sheets"].string)
    #expect(dangling.errors.contains("dangling"), "\(dangling.errors)")
    #expect(!FileManager.default.fileExists(atPath: world.folder["nowhere"].string))

    let reports = world.folder["reports"]
    for round in 0..<2 {
      let arguments = ["licence", "export", "--output", world.stick.string, "--config"]
      try #require(try await world.run(arguments + [world.isolatedConfiguration.string]).status == 0)
      try #require(try await ground.collect().status == 0)
      let imported = try await ground.connected("import", "--report", reports.string)
      try #require(imported.status == 0, "\(imported.errors)")
      let written = try FileManager.default.contentsOfDirectory(atPath: reports.string)
      #expect(try written.count >= 4 && mode(reports) == 0o750)
      for name in written {
        #expect(try mode(reports.appending(name)) == 0o640, "round \(round): \(name)")
        try link(reports.appending(name), to: victim.path.appending("secret"))
      }
      try victim.expectAsBefore("reports")
    }
  }

  // MARK: - Who swaps

  /// Somebody who swaps a folder for a link, back and forth, until told to stop.
  private struct Swapper {
    private let process: ChildProcess
    private let folder: String

    init(_ folder: FilePath, for target: FilePath) throws {
      self.folder = folder.string
      let script = """
        import os, sys
        folder, target = sys.argv[1:]
        link, aside = folder + ".link", folder + ".aside"
        if not os.path.islink(link): os.symlink(target, link)
        test = os.getppid()
        while os.getppid() == test:
          try:
            os.rename(folder, aside); os.rename(link, folder)
            os.rename(folder, link); os.rename(aside, folder)
          except OSError:
            for a, b in ((folder, link), (aside, folder)):
              try:
                if a == folder and not os.path.islink(folder): continue
                os.rename(a, b)
              except OSError: pass
            if not os.path.islink(link):
              try: os.symlink(target, link)
              except OSError: pass
        """
      let python = try #require(Command.path(of: "python3"))
      process = try ChildProcess(python, ["-c", script, folder.string, target.string])
    }

    /// Ends it, and puts the folder back, so that what a test writes next by its path goes nowhere else.
    func stop() async {
      process.kill(SIGKILL)
      _ = await process.ending()
      if (try? FileManager.default.destinationOfSymbolicLink(atPath: folder)) != nil { unlink(folder) }
      if access(folder, F_OK) != 0 { rename(folder + ".aside", folder) }
      unlink(folder + ".link")
    }
  }

  /// Somebody who goes on writing to a file.
  private struct Writer {
    private let process: ChildProcess?

    init(_ file: FilePath) {
      let script = """
        import sys, time
        with open(sys.argv[1], "ab", buffering=0) as file:
          while True: file.write(b"x")
        """
      process = Command.path(of: "python3").flatMap { try? ChildProcess($0, ["-c", script, file.string]) }
    }

    func stop() { process?.kill(SIGKILL) }
  }
}
