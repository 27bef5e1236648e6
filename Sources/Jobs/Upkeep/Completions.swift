import Catalogue
import ContentStore
import FileSystem
import JobCore
import MirrorTypes
import Sites
import SystemPackage
import UpdateIndex

/// What a shell offers behind an option that names something of a store. Whatever cannot be read offers nothing: nobody
/// wants an error in the middle of a command line.
package struct Completions {
  private let folder: FilePath

  /// The completions of the store in the folder `store`.
  package init(store: FilePath) { folder = store }

  /// The most words that are offered.
  private static let most = 5000

  /// The names of known sites.
  package var sites: [String] { bounded((try? SiteRegistry(store: folder).names()) ?? []) }

  /// The numbers of the snapshots, the newest first.
  package var snapshots: [String] {
    bounded((try? open().snapshots().map { String($0.number) }.reversed()) ?? [])
  }

  /// The components of the newest snapshot.
  package var components: [String] {
    guard let store = try? open(), let newest = try? store.newestWhole(),
      let summary = try? store.summary(of: newest.number)
    else { return [] }
    return bounded(Set(summary.map(\.component)).filter { !$0.isEmpty }.sorted())
  }

  /// The vendor's names of products, where its catalogue is a part of what is published.
  package var products: [String] {
    let path = folder.appending("current").appending(StoreFolders.updates)
      .pushing(FilePath(ProductCatalogue.path.string))
    guard let bytes = try? Files.read(path, atMost: 64 << 20), let catalogue = try? ProductCatalogue(parsing: bytes)
    else { return [] }
    return bounded(catalogue.products.map(\.name))
  }

  private func open() throws -> ContentStore { try ContentStore.open(folder, access: .reading) }

  /// Names that a shell can take as they are: what has been said by others neither ends a word nor begins another.
  private func bounded(_ words: some Collection<String>) -> [String] {
    words.filter { word in
      !word.isEmpty && word.utf8.count <= 200
        && word.utf8.allSatisfy { byte in
          (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || "._+,-".utf8.contains(byte)
        }
    }.prefix(Self.most).map { $0 }
  }
}
