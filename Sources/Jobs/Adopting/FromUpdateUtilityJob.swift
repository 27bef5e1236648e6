import FileSystem
import JobCore
import MirrorConfiguration
import MirrorTypes
import SystemPackage

/// Turns the configuration of the vendor's Update Utility into one of ours, as far as the two have the same.
package struct FromUpdateUtilityJob: Sendable {
  private let file: FilePath
  private let output: FilePath?
  private let store: FilePath

  /// A job on an `updater.ini`.
  ///
  /// - Parameter output: where our configuration is written, which must not be there; `nil`: nowhere.
  package init(_ file: FilePath, to output: FilePath? = nil, store: FilePath = Configuration.defaultStore) {
    self.file = file
    self.output = output
    self.store = store
  }

  /// Reads one and makes the other.
  package func run() throws -> FromUpdateUtilityReport {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try Files.read(file, atMost: UpdateUtilityFile.maximumSize)
    } catch {
      throw JobError(error.status, "\(error)", remedy: "Name the file 'updater.ini' of the Update Utility.")
    }
    let settings = UpdateUtilityFile(bytes)
    guard UpdateUtilityMapping.isOne(settings) else {
      throw JobError(
        .configuration,
        "\(file) is not a configuration of the Update Utility: it has none of its sections, such as [ConnectionSettings]",
        remedy: "Name the file 'updater.ini' of the Update Utility."
      )
    }
    let mapping = UpdateUtilityMapping(settings, store: store.string)
    let text = Self.text(mapping, of: file)
    if let output { try write(text, to: output) }
    return FromUpdateUtilityReport(
      configuration: text,
      output: output?.string,
      leftovers: mapping.leftovers.map { .init(setting: $0.setting, reason: $0.reason) }
    )
  }

  private func write(_ text: String, to output: FilePath) throws {
    guard try Files.status(output) == nil else {
      throw JobError(.cannotCreate, "\(output) is there already", remedy: "Name another file, or move it away first.")
    }
    try Files.replace(output, with: text.utf8)
  }

  /// The configuration, and in comments what was not taken over.
  private static func text(_ mapping: UpdateUtilityMapping, of file: FilePath) -> String {
    let name = ShownText.escaped(file.lastComponent?.string ?? "updater.ini")
    var lines = ["# Made of \(name); kscmirror.toml(5) describes every key.", ""]
    let left = mapping.leftovers.map { ShownText.escaped("# \($0.setting): \($0.reason)") }
    if !left.isEmpty { lines += ["# Not taken over:"] + left + [""] }
    return lines.joined(separator: "\n") + "\n" + mapping.text
  }
}

/// Our configuration, and what of the other one is not in it.
package struct FromUpdateUtilityReport: Sendable, Encodable {
  /// A setting that has no counterpart.
  package struct Leftover: Sendable, Encodable {
    /// The setting.
    package let setting: String
    /// Why, or what to do instead.
    package let reason: String
  }

  /// The configuration, as a text.
  package let configuration: String
  /// The file that it was written to; `nil`: none.
  package let output: String?
  /// What was not taken over.
  package let leftovers: [Leftover]
}
