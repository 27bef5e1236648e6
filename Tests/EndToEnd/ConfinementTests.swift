import Confinement
import Foundation
import SystemPackage
import TestSupport
import Testing

/// What somebody gets who has found a fault in libzstd: its place is taken by a library that does what such bytes would.
@Suite struct ConfinementTests {
  private static let isSandbox = (try? EscapeAttempts())?.restraints.isSandbox ?? false
  private static let compiler = ["cc", "clang", "gcc"].compactMap { Command.path(of: $0) }.first

  /// Loaded before libzstd. In the program itself it leaves a file `loaded`: that it could. Where frames are unpacked, it
  /// does what `EVIL` says, and then what libzstd does.
  private static let library = #"""
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <fcntl.h>
    #include <signal.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <sys/wait.h>
    #include <unistd.h>
    static void leave(const char *name) {
      char path[4096];
      snprintf(path, sizeof path, "%s/%s", getenv("GOAL"), name);
      int file = open(path, O_CREAT | O_WRONLY, 0600);
      if (file >= 0) close(file);
      char *arguments[] = {"touch", path, NULL};
      pid_t child = fork();
      if (child == 0) { execv("/usr/bin/touch", arguments); _exit(1); }
      if (child > 0) waitpid(child, NULL, 0);
    }
    static size_t (*real)(void *, void *, void *);
    __attribute__((constructor)) static void begin(void) {
      unsetenv("LD_PRELOAD");
      real = dlsym(RTLD_NEXT, "ZSTD_decompressStream");
      if (!strcmp(getenv("EVIL"), "leave")) leave("loaded");
    }
    size_t ZSTD_decompressStream(void *context, void *output, void *input) {
      if (!strcmp(getenv("EVIL"), "leave")) { leave("escaped"); kill(getppid(), SIGKILL); }
      if (!strcmp(getenv("EVIL"), "crash")) *(volatile int *)8 = 1;
      return real(context, output, input);
    }
    """#

  private func prepared() async throws -> (world: World, library: FilePath) {
    let world = try World(files: 24, meanSize: 400)
    try #require(try await world.sync().status == 0)
    try #require(try await world.pack().status == 0)
    try await world.trust()
    try world.write(Self.library, to: world.folder["evil.c"])
    let library = world.folder["evil.so"]
    let words = ["-shared", "-fPIC", "-O1", "-o", library.string, world.folder["evil.c"].string, "-ldl"]
    try Command.run(try #require(Self.compiler), words)
    return (world, library)
  }

  private func `import`(_ world: World, _ library: FilePath, _ evil: String) async throws -> Outcome {
    try await world.run(
      ["import", "--config", world.isolatedConfiguration.string, world.stick.string],
      variables: ["LD_PRELOAD": library.string, "EVIL": evil, "GOAL": world.folder.path.string]
    )
  }

  private func isThere(_ name: String, _ world: World) -> Bool {
    FileManager.default.fileExists(atPath: world.folder[name].string)
  }

  @Test(
    .enabled(if: compiler != nil, "there is no C compiler"),
    .enabled(if: isSandbox, "the kernel gives neither seccomp nor Landlock")
  )
  func `code in the place of libzstd can write no file, start no program and kill nothing`() async throws {
    let (world, library) = try await prepared()
    let imported = try await `import`(world, library, "leave")
    #expect(imported.status == 0, "\(imported.errors)")
    #expect(isThere("loaded", world))
    #expect(!isThere("escaped", world))
    #expect(try world.published(world.isolated) == world.expected())
  }

  @Test(.enabled(if: compiler != nil, "there is no C compiler"))
  func `a crash of what unpacks a volume is an error with a status, and nothing is published`() async throws {
    let (world, library) = try await prepared()
    let refused = try await `import`(world, library, "crash")
    #expect(refused.status == Exit.damagedBundle, "\(refused.status) \(refused.errors)")
    #expect(refused.errors.contains("signal 11"), "\(refused.errors)")
    #expect(world.current(world.isolated) == nil)
    let log = try await world.run("log", "--config", world.isolatedConfiguration.string)
    #expect(log.output.contains("signal 11"), "\(log.output)")
    // The bytes were right.
    #expect(try await world.import().status == 0)
  }
}
