import FileSystem
import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Journal

/// What only other processes show: locks, kills and limits.
@Suite(.serialized) struct JournalProcessTests {
  let fixture = JournalFixture()

  @Test func `several processes and tasks append to one chain`() async throws {
    let path = fixture.path.string
    try await withThrowingTaskGroup(of: Void.self) { group in
      for process in 1...3 {
        group.addTask {
          await #expect(processExitsWith: .success) { [path = path as String, process = process as Int] in
            let journal = Journal(file: FilePath(path))
            let who = Operator(user: "process \(process)", host: "gate")
            for number in 1...30 {
              try journal.append(.import, outcome: .ok, text: "\(number)", at: 0, by: who)
            }
          }
        }
      }
      for task in 1...2 {
        group.addTask {
          let who = Operator(user: "task \(task)", host: "gate")
          for number in 1...30 {
            try Journal(file: FilePath(path)).append(.import, outcome: .ok, text: "\(number)", at: 0, by: who)
            // Readers see no append that is under way.
            #expect(try Journal(file: FilePath(path)).verify().tornBytes == 0)
            await Task.yield()
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try fixture.journal.verify().position?.number == 150)
    for (user, entries) in Dictionary(grouping: try fixture.entries(), by: \.user) {
      #expect(entries.map(\.text) == (1...30).map(String.init), "\(user)")
    }
  }

  @Test(arguments: 1...4)
  func `whoever is killed while appending leaves a chain that goes on`(_ round: Int) async throws {
    let path = fixture.path.string
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, round = round as Int] in
      Thread.detachNewThread {
        usleep(useconds_t(20_000 * round))
        kill(getpid(), SIGKILL)
      }
      let long = String(repeating: "long ", count: 3_000)
      while true {
        try Journal(file: FilePath(path))
          .append(.import, outcome: .ok, text: long, at: 0, by: Operator(user: "a", host: "b"))
      }
    }
    let torn = try fixture.journal.verify()
    let position = try fixture.append("Imported.")
    #expect(position.number == (torn.position?.number ?? 0) + (torn.tornBytes > 0 ? 2 : 1))
    #expect(try fixture.journal.verify(containing: [position] + (torn.position.map { [$0] } ?? [])).tornBytes == 0)
  }

  @Test func `who keeps the journal locked is not waited for without end`() throws {
    try fixture.append("Imported.")
    let holder = try JournalFile(appendingTo: fixture.path)
    try holder.lock(.exclusive, patience: 0)
    let journal = Journal(file: fixture.path, patience: 1)
    #expect(throws: JournalError.busy(fixture.path, seconds: 1, holder: LockHolder.of(fixture.path))) {
      try journal.append(.import, outcome: .ok, text: "", at: 0, by: fixture.alice)
    }
    #expect(throws: JournalError.busy(fixture.path, seconds: 1, holder: LockHolder.of(fixture.path))) {
      try journal.verify()
    }
    holder.unlock()
    #expect(try journal.verify().position?.number == 1)
  }

  @Test func `an append that finds no more room leaves the journal as it was`() async throws {
    let path = fixture.path.string
    try fixture.fill(2)
    let whole = try fixture.bytes()
    for torn in ["", "{\"event\":\"im"] {
      try fixture.write(whole + Array(torn.utf8))
      await #expect(processExitsWith: .success) { [path = path as String, torn = torn as String] in
        // A file may not grow beyond a limit: the first part of the entry is written, the rest is not.
        signal(SIGXFSZ, SIG_IGN)
        let size = try Files.status(FilePath(path))?.size ?? 0
        var limit = rlimit(rlim_cur: rlim_t(size + 50), rlim_max: rlim_t(size + 50))
        precondition(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
        let journal = Journal(file: FilePath(path))
        let error = #expect(throws: JournalError.self) {
          try journal.append(.import, outcome: .ok, text: "", at: 0, by: Operator(user: "a", host: "b"))
        }
        #expect(fileError(error)?.reason.rawValue == EFBIG)
        let check = try journal.verify()
        #expect(check.tornBytes == torn.utf8.count)
      }
      #expect(try fixture.bytes() == whole + Array(torn.utf8))
    }
  }

  @Test(.enabled(if: geteuid() == 0, "needs root to mount a file system"))
  func `a full file system is reported as out of space`() throws {
    let folder = fixture.folder["small"]
    try Files.makeFolder(folder)
    try Command.run("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder.string])
    defer { _ = try? Command.run("umount", ["-l", folder.string]) }
    let journal = Journal(file: folder.appending("journal"))
    let text = String(repeating: "x", count: 10_000)
    var last: JournalPosition?
    let error = #expect(throws: JournalError.self) {
      for _ in 1...10 { last = try journal.append(.import, outcome: .ok, text: text, at: 0, by: fixture.alice) }
    }
    #expect(fileError(error)?.isOutOfSpace == true)
    #expect(last?.number == 6)
    #expect(try journal.verify() == JournalCheck(position: last, tornBytes: 0))
  }

  @Test func `a folder that may not be written to gives an error`() async throws {
    try fixture.append("Imported.")
    let folder = fixture.folder.path.string
    try #require(chmod(fixture.path.string, 0o444) == 0 && chmod(folder, 0o555) == 0)
    defer { chmod(folder, 0o755) }
    await #expect(processExitsWith: .success) { [folder = folder as String] in
      // Root may write everywhere.
      precondition(geteuid() != 0 || setuid(65_534) == 0)
      let who = Operator(user: "a", host: "b")
      for name in ["journal", "another"] {
        let journal = Journal(file: FilePath(folder).appending(name))
        let error = #expect(throws: JournalError.self) {
          try journal.append(.import, outcome: .ok, text: "", at: 0, by: who)
        }
        #expect(fileError(error)?.reason == .permissionDenied)
      }
      // Reading needs no more than reading.
      let check = try Journal(file: FilePath(folder).appending("journal")).verify()
      #expect(check.position?.number == 1)
    }
  }

  @Test func `links, folders and pipes are no journals`() throws {
    try fixture.append("Imported.")
    symlink(fixture.path.string, fixture.folder["link"].string)
    symlink(fixture.folder["nothing"].string, fixture.folder["dangling"].string)
    mkfifo(fixture.folder["pipe"].string, 0o600)
    for name in ["link", "dangling", "pipe", ".", "journal/below", "missing/journal"] {
      let journal = Journal(file: fixture.folder[name])
      #expect(throws: JournalError.self) {
        try journal.append(.import, outcome: .ok, text: "", at: 0, by: fixture.alice)
      }
      if name != "missing/journal" { #expect(throws: JournalError.self) { try journal.verify() } }
    }
    #expect(try fixture.journal.verify().position?.number == 1)
    #expect(try Files.status(fixture.folder["nothing"]) == nil)
  }
}
