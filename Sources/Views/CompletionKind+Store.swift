import ArgumentParser
import Console
import SystemPackage
import Upkeep

extension CompletionKind {
  /// The sites that the store knows.
  package static var sites: CompletionKind { ofStore(\.sites) }
  /// The store's snapshots.
  package static var snapshots: CompletionKind { ofStore(\.snapshots) }
  /// The components of the newest snapshot.
  package static var components: CompletionKind { ofStore(\.components) }
  /// The vendor's products.
  package static var products: CompletionKind { ofStore(\.products) }

  private static func ofStore(_ values: @escaping @Sendable (Completions) -> [String]) -> CompletionKind {
    .custom { words, _, _ in values(Completions(store: store(in: words))) }
  }

  /// The store that a command line names, as far as it is written.
  private static func store(in words: [String]) -> FilePath {
    func value(_ option: String) -> String? {
      if let place = words.lastIndex(of: option), words.indices.contains(place + 1) { return words[place + 1] }
      return words.last { $0.hasPrefix(option + "=") }.map { String($0.dropFirst(option.count + 1)) }
    }
    var options = ConfigurationOptions()
    options.store = value("--store")
    options.config = value("--config")
    return options.likelyStore
  }
}
