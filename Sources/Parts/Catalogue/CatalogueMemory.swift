import FileSystem
internal import GRDB
internal import GRDBSQLite
import Synchronization

/// Sees that the memory which SQLite shares with other processes (catalogue.sqlite-shm) has room on the disk before it is
/// used.
///
/// SQLite makes the file longer by a byte in each page of memory. On a file system with smaller blocks, as ext4 has them on
/// small disks, the rest of the page has no block then; where none is left, whoever writes there dies of SIGBUS. Here each
/// part is given its room when it is mapped, and a disk that has none is `SQLITE_FULL`, as anywhere else.
enum CatalogueMemory {
  /// By the address of SQLite's own. SQLite has a few of them, for as long as the program runs, and so have we.
  private static let known = Mutex<[UInt: UInt]>([:])

  /// Watches the memory of a connection that has read nothing yet.
  static func watch(_ connection: OpaquePointer?) {
    var file: UnsafeMutablePointer<sqlite3_file>?
    let answer = sqlite3_file_control(connection, nil, SQLITE_FCNTL_FILE_POINTER, &file)
    guard answer == SQLITE_OK, let file, let original = file.pointee.pMethods else { return }
    guard original.pointee.iVersion >= 2, original.pointee.xShmMap != nil else { return }
    file.pointee.pMethods = replaced(original)
  }

  private static func replaced(_ original: UnsafePointer<sqlite3_io_methods>) -> UnsafePointer<sqlite3_io_methods>? {
    let address = known.withLock { known in
      if let address = known[UInt(bitPattern: original)] { return address }
      var methods = WatchedMethods(ours: original.pointee, original: original)
      methods.ours.xShmMap = mapWithRoom
      let place = UnsafeMutablePointer<WatchedMethods>.allocate(capacity: 1)
      place.initialize(to: methods)
      known[UInt(bitPattern: original)] = UInt(bitPattern: place)
      return UInt(bitPattern: place)
    }
    // The methods stand first in the structure.
    return UnsafePointer(bitPattern: address)
  }
}

/// SQLite's methods of an open file with one of them replaced, and where the others came from.
private struct WatchedMethods {
  var ours: sqlite3_io_methods
  let original: UnsafePointer<sqlite3_io_methods>
}

/// SQLite's `xShmMap`, which gives the memory its room.
private func mapWithRoom(
  _ file: UnsafeMutablePointer<sqlite3_file>?,
  _ region: CInt,
  _ size: CInt,
  _ extends: CInt,
  _ memory: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> CInt {
  guard let methods = file?.pointee.pMethods else { return SQLITE_IOERR }
  let original = UnsafeRawPointer(methods).assumingMemoryBound(to: WatchedMethods.self).pointee.original
  guard let map = original.pointee.xShmMap else { return SQLITE_IOERR }
  let answer = map(file, region, size, extends, memory)
  // Memory that may only be read is another answer.
  guard answer == SQLITE_OK, let start = memory?.pointee else { return answer }
  if MappedMemory.back(start, count: Int(size)) { return SQLITE_OK }
  // SQLite would use it the next time without asking again.
  memory?.pointee = nil
  return SQLITE_FULL
}
