import Confinement
import Failures
import FileSystem
import MirrorTypes
import SystemPackage

/// Why a bundle cannot be written or read.
package enum BundleError: Error, Sendable, CustomStringConvertible {
  /// There is no bundle at a path.
  case notABundle(FilePath)
  /// More bundles, or more names, at a path than a medium of ours has, and how many that is.
  case tooMany(FilePath, String, limit: Int)
  /// A volume that is not there.
  case volumeMissing(FilePath)
  /// A volume that is not what the metadata says, and why.
  case volumeDamaged(FilePath, String)
  /// A file of which the stick returns other bytes than were written.
  case notGivenBack(FilePath)
  /// A stream that ends too soon, or is not a tar archive, and why.
  case streamCut(FilePath, String)
  /// A small file that is not what the metadata says, and why.
  case fileDamaged(FilePath, String)
  /// An object whose bytes do not have its digest.
  case objectMismatch(ObjectDigest, FilePath)
  /// Something in a volume that does not belong there.
  case unexpectedEntry(String, FilePath)
  /// A file with another SHA-256 before its name than the volume has by signed metadata, and that one.
  case misnamed(FilePath, ObjectDigest)
  /// Not enough room for what is to be written.
  case outOfSpace(FilePath, needed: Int64, free: Int64)
  /// Not enough inodes for what is to be written.
  case outOfInodes(FilePath, needed: Int64, free: Int64)
  /// A patch that cannot be made.
  case patch(String)
  /// A patch of a volume that does not make the files that it should from those that are here, and why.
  case patchMismatch(String, FilePath)
  /// The confined process that unpacks something has not done so.
  case unpacking(FilePath, ConfinementError)
  /// A call to the operating system failed.
  case file(FileError)
  /// libarchive failed, in its words.
  case archive(FilePath, String)
  /// What a caller's closure threw.
  case caller(any Error)

  /// The failure in words.
  package var description: String {
    switch self {
    case .notABundle(let path): "\(path): there is no bundle here"
    case .tooMany(let path, let what, let limit):
      "\(path): more than \(limit) \(what) here; kscmirror never writes so many to one stick"
    case .volumeMissing(let path): "\(path): the volume is missing"
    case .volumeDamaged(let path, let why): "\(path): the volume is damaged: \(why)"
    case .notGivenBack(let path): "\(path): the stick returns other bytes than were written"
    case .streamCut(let path, let why): "\(path): the stream is cut short, or no bundle: \(why)"
    case .fileDamaged(let path, let why): "\(path) is damaged: \(why)"
    case .objectMismatch(let object, let path): "\(path): the bytes of object \(object) do not have its digest"
    case .unexpectedEntry(let name, let path):
      "\(path): something does not belong here: \(name.prefix(120).debugDescription)"
    case .misnamed(let path, let digest):
      "\(path): the name begins with another SHA-256 than the volume has by the signed metadata, \(digest.hex)"
    case .outOfSpace(let path, let needed, let free):
      "\(path): up to \(Words.exactBytes(needed)) are needed, and \(free) are free"
    case .outOfInodes(let path, let needed, let free):
      "\(path): \(Words.count(needed, "new file is", "new files are")) needed, and the file system has \(free) inodes left"
    case .patch(let why): "a patch cannot be made: \(why)"
    case .patchMismatch(let why, let path): "\(path): a patch does not fit the files that are here: \(why)"
    case .unpacking(let path, let cause): "\(path): \(cause)"
    case .file(let error): error.description
    case .archive(let path, let why): "\(path): \(why)"
    case .caller(let error): "\(error)"
    }
  }
}

/// Runs `body` and turns what it throws into a bundle's error.
func bundling<Result>(_ body: () throws -> Result) throws(BundleError) -> Result {
  do {
    return try body()
  } catch let error as BundleError {
    throw error
  } catch let error as FileError {
    throw .file(error)
  } catch {
    throw .caller(error)
  }
}

extension BundleError: Failure {
  package var status: ExitStatus {
    switch self {
    case .file(let cause): cause.status
    case .caller(let cause): failure(cause).status
    case .notABundle, .tooMany: .notABundle
    case .volumeMissing, .streamCut: .incompleteBundle
    case .objectMismatch: .objectMismatch
    case .notGivenBack, .archive: .inputOutput
    case .unpacking(_, let cause): cause.isCrash ? .damagedBundle : .inputOutput
    case .patch: .software
    case .patchMismatch: .damagedStore
    case .volumeDamaged, .fileDamaged, .unexpectedEntry, .misnamed: .damagedBundle
    case .outOfSpace, .outOfInodes: .noSpace
    }
  }

  package var message: String { if case .caller(let cause) = self { failure(cause).message } else { description } }

  package var remedy: String? {
    switch self {
    case .file(let cause): cause.remedy
    case .caller(let cause): failure(cause).remedy
    case .notABundle: "Name the folder that 'kscmirror pack' wrote to, or a file of the bundle."
    case .tooMany:
      "Find out who put them there; name the folder of one bundle to take it alone. Nothing was changed here."
    case .volumeMissing, .objectMismatch, .volumeDamaged, .fileDamaged, .unexpectedEntry, .misnamed:
      "Copy the bundle to the stick again; nothing was published here."
    case .notGivenBack: "Use another stick; this one is failing. Nothing was left on it."
    case .streamCut: "Send it again; nothing was changed here."
    case .patchMismatch:
      "Files of this store may be damaged: run 'kscmirror verify'. A full bundle, made with 'kscmirror pack --full', brings them all; nothing was published here."
    case .outOfSpace, .outOfInodes:
      "Make room there, name another folder, leave components behind with --fit, or spread the bundle over several sticks with --spread; nothing was written."
    case .unpacking(_, let cause):
      cause.isCrash
        ? "Keep a copy of it and report it to the maintainers; have it made and copied again. Nothing of it was used."
        : "Run the command again when there is more memory; nothing of it was used."
    case .patch, .archive: nil
    }
  }
}
