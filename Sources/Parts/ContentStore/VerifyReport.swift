import Catalogue
import MirrorTypes

/// What a reading of the whole store found.
package struct VerifyReport: Hashable, Sendable {
  /// How many objects the catalogue names.
  package internal(set) var objects = 0
  /// How many bytes were read.
  package internal(set) var bytes: Int64 = 0
  /// Objects that are not what their name says, ordered by digest.
  package internal(set) var damaged: [DamagedObject] = []
  /// Files among the objects that the catalogue does not name. They do no harm; a sync or import that is at work, or
  /// was killed, leaves such.
  package internal(set) var unlisted = 0
  /// The releases that were compared with their snapshots.
  package internal(set) var releases: [Int] = []
  /// How many files of releases are whole copies of their objects, though the file system has taken links for them.
  package internal(set) var copies = 0
  /// The bytes of these copies.
  package internal(set) var copiedBytes: Int64 = 0
  /// What is wrong with releases.
  package internal(set) var releaseProblems: [ReleaseProblem] = []
  /// What is wrong with the catalogue, in words.
  package internal(set) var catalogueProblems: [String] = []

  /// Whether all is as it should be.
  package var isClean: Bool { damaged.isEmpty && releaseProblems.isEmpty && catalogueProblems.isEmpty }
}

/// An object that is not what its name says.
package struct DamagedObject: Hashable, Sendable {
  /// What is wrong with it.
  package enum Problem: Hashable, Sendable {
    /// There is no such file, or something that is not a regular file.
    case missing
    /// It has this many bytes, not those that the catalogue says.
    case wrongSize(Int64)
    /// Its bytes have another digest.
    case wrongDigest(ObjectDigest)
    /// It cannot be read; with the operating system's reason.
    case unreadable(String)
  }

  /// The object.
  package let object: ObjectDigest
  /// Its size by the catalogue, in bytes.
  package let size: Int64
  /// What is wrong with it.
  package let problem: Problem
  /// The paths that use it in any snapshot, ordered; at most ``pathLimit``.
  package internal(set) var paths: [TreePath] = []
  /// How many paths use it.
  package internal(set) var pathCount = 0

  /// The most paths that are listed.
  package static let pathLimit = 100
}

extension DamagedObject: CustomStringConvertible {
  /// The damage in words, with what it hits and what to do.
  package var description: String {
    let reason =
      switch problem {
      case .missing: "is missing"
      case .wrongSize(let found): "has \(Words.exactBytes(found)) instead of \(size)"
      case .wrongDigest(let found): "has changed: its digest is now \(found)"
      case .unreadable(let reason): "cannot be read: \(reason)"
      }
    let shown = paths.prefix(3).map(\.string).joined(separator: ", ")
    let more = Words.more(than: 3, of: pathCount)
    return "object \(object) \(reason). It is used by \(shown.isEmpty ? "no file" : shown + more)"
  }
}

/// A file of a release that is not as its snapshot says.
package struct ReleaseProblem: Hashable, Sendable {
  /// What is wrong.
  package enum Problem: Hashable, Sendable {
    /// It is not there, or no plain file.
    case missing
    /// It is there, but the snapshot does not have it.
    case extra
    /// It is not a link to its object, and has other bytes.
    case damaged
  }

  /// The release.
  package let release: Int
  /// The path below the release's folder; empty for the folder itself.
  package let path: String
  /// What is wrong.
  package let problem: Problem

  /// A problem of a release.
  package init(release: Int, path: String, problem: Problem) {
    self.release = release
    self.path = path
    self.problem = problem
  }
}

extension ReleaseProblem: CustomStringConvertible {
  /// The problem in words.
  package var description: String {
    let what = path.isEmpty ? "its folder" : path.debugDescription
    return switch problem {
    case .missing: "release \(release): \(what) is missing"
    case .extra: "release \(release): \(what) is not in the snapshot"
    case .damaged: "release \(release): \(what) is neither a link to its object nor a whole copy of it"
    }
  }
}
