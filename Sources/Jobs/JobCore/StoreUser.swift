import FileSystem
import Glibc
import SystemPackage

/// Sees that what changes a store is run by the user whose store it is: what another one makes there, be it root, its owner
/// cannot change any more.
package enum StoreUser {
  /// Refuses another user before anything is done. A folder that is not there yet is nobody's.
  ///
  /// - Parameters:
  ///   - store: the store's folder.
  ///   - command: what is run, for the advice.
  /// - Throws: an error with ``ExitStatus/permission`` that names the owner, and how to run the command.
  package static func refuseOthers(of store: FilePath, running command: String) throws {
    let user = geteuid()
    guard let place = try? Files.resolvingLinks(store), let status = try? Files.status(place), status.kind == .folder,
      status.owner != user, Files.ownerOfNewFile(in: place) != status.owner
    else { return }
    let owner = SystemUser(number: status.owner)
    let name = owner?.name ?? "number \(status.owner)"
    throw JobError(
      .permission,
      "\(store) belongs to user \(name), and this is user \(SystemUser.name(of: user)): nothing was done",
      remedy: owner == nil
        ? "There is no user of that number here, as after a store was copied from another host: as root, give it to the user who runs kscmirror, by 'chown -R --no-dereference USER \(place)'."
        : "Run it as that user: 'sudo -u \(name) kscmirror \(command) …'. To give the store to another user: as root, 'chown -R --no-dereference USER \(place)'."
    )
  }
}
