import FileSystem
import SystemPackage

/// A folder whose plain files are read. Links, devices, pipes and folders in it are skipped and counted.
struct PlainFolder {
  /// A plain file in it.
  struct Entry {
    let name: String
    let size: Int
  }

  /// The plain files whose name is wanted, in the order of their names.
  private(set) var entries: [Entry] = []
  /// How many names are no plain files.
  private(set) var skipped = 0
  private let place: Place

  /// Opens a folder and lists it.
  ///
  /// - Parameters:
  ///   - limit: the most names of any kind.
  ///   - isWanted: whether a file of that name matters.
  init(_ path: FilePath, atMost limit: Int, where isWanted: (String) -> Bool) throws(ExchangeError) {
    let names: [Files.Entry]
    do {
      place = try OpenFolder(path).place
      names = try place.entries(atMost: limit + 1)
    } catch {
      throw ExchangeError(error)
    }
    guard names.count <= limit else { throw .document(name: path.string, line: nil, .tooMany("names", limit: limit)) }
    for entry in names {
      guard let name = String(validating: entry.bytes, as: UTF8.self), isWanted(name) else { continue }
      guard let status = try? place.appending(entry).status(), status.kind == .file else {
        skipped += 1
        continue
      }
      entries.append(Entry(name: name, size: Int(status.size)))
    }
  }

  /// The bytes of a file.
  ///
  /// - Throws: ``ExchangeError``; `EFBIG` for a file with more bytes than `limit`, `EINVAL` for what is not a regular file.
  func bytes(of name: String, atMost limit: Int) throws(ExchangeError) -> [UInt8] {
    do { return try place.appending(name).read(atMost: limit) } catch { throw ExchangeError(error) }
  }
}

extension ExchangeError {
  init(_ error: FileError) { self = .file(operation: error.operation, error.path, error.reason) }
}
