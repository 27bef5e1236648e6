import ArgumentParser
import Console
import StoreTrust
import SystemPackage

/// Where a pass phrase comes from.
package struct PassphraseOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Read the pass phrase from the first line of this file.", valueName: "file"),
    completion: .file()
  )
  package var passphraseFile: String?

  package init() {}

  /// Asks as the options say.
  package func source(leavingOpen: Bool = false) -> @Sendable (FilePath, Bool) throws -> String? {
    let file = passphraseFile.map { FilePath($0) }
    return { key, isNew in
      if isNew && leavingOpen { return nil }
      if let file { return try Passphrase.read(file) }
      return try Passphrase.ask("Pass phrase for \(key)\(isNew ? " (a new one)" : "")", twice: isNew)
    }
  }
}

/// Who signs the root.
package struct HolderOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Where the root's private key lies (default: in the store).", valueName: "file"),
    completion: .file()
  )
  package var rootKey: String?

  @Option(
    help: ArgumentHelp("Have the holder of this public key sign the root too; may be repeated.", valueName: "file"),
    completion: .file(extensions: ["pub"])
  )
  package var with: [String] = []

  @Option(help: ArgumentHelp("How many have to sign the root.", valueName: "number"))
  package var threshold: Int?

  package init() {}

  package func value() -> KeysJob.RootHolders {
    .init(rootKey: rootKey.map { FilePath($0) }, others: with.map { FilePath($0) }, threshold: threshold)
  }
}
