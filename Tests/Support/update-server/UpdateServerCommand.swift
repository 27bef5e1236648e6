import ArgumentParser
import Foundation
import SystemPackage
import TestSupport
import UpdateServerDouble

/// An update server for the demo and for trying things out.
@main
struct UpdateServerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "update-server",
    abstract: "Makes update trees in the vendor's formats, and serves them over HTTPS with a CA of its own.",
    subcommands: [Generate.self, Age.self, Serve.self]
  )

  /// `update-server generate`
  struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a tree, and print the keys of the authorities that sign its indexes."
    )
    @Argument(help: "The folder to make.") var folder: String
    @Option(help: "About how many files.") var files = 3000
    @Option(help: "How many bytes a file has on average.") var meanSize = 24_000
    @Option(help: "What everything follows from.") var seed: UInt64 = 1
    @Flag(help: "Put difference files beside a part of the files.") var differences = false
    @Flag(help: "Make all that a real tree has: mobile and meta indexes, updaters, patches, every kind of record.")
    var whole = false

    func run() throws {
      let tree = try UpdateTree.generate(
        at: FilePath(folder),
        files: files,
        meanSize: meanSize,
        seed: seed,
        differences: differences,
        whole: whole
      )
      for key in tree.signer.intermediates { print(key) }
    }
  }

  /// `update-server age`
  struct Age: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Let days pass in a tree.")
    @Argument(help: "The tree's folder.") var folder: String
    @Option(help: "How many days.") var days = 1

    func run() throws {
      var tree = try UpdateTree(at: FilePath(folder))
      for _ in 0..<days { try tree.age() }
    }
  }

  /// `update-server serve`
  struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serve a folder until the process is ended.")
    @Argument(help: "The folder to serve.") var folder: String
    @Option(help: "Write the CA's certificate to this file.") var caOut: String
    @Option(help: "Write the address to this file when the server is ready.") var readyFile: String

    func run() throws {
      let secrets = TemporaryFolder()
      let authority = try TestAuthority(in: secrets.path)
      let certificate = try Data(contentsOf: URL(fileURLWithPath: authority.certificate.string))
      try certificate.write(to: URL(fileURLWithPath: caOut))
      let server = try UpdateServer(serving: FilePath(folder), identity: try authority.issue("localhost"))
      try Data(server.url.utf8).write(to: URL(fileURLWithPath: readyFile), options: .atomic)
      print("serving \(folder) at \(server.url)")
      signal(SIGPIPE, SIG_IGN)
      // Ended by a signal: the folder with the keys goes first.
      signal(SIGTERM, SIG_IGN)
      let ended = DispatchSemaphore(value: 0)
      let sources = [SIGTERM, SIGINT].map { number in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler { ended.signal() }
        source.resume()
        return source
      }
      ended.wait()
      withExtendedLifetime((server, secrets, sources)) { server.stop() }
    }
  }
}
