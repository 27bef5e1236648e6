import Catalogue
import JobCore
import MirrorTypes
import UpdateIndex

/// What a walk's indexes name and the servers do not have, against all that they name.
package struct AbsenceCensus {
  /// An index that the servers do not have.
  package struct MissingIndex: Hashable {
    package let path: String
    /// The components that it is of.
    package let components: [String]
    /// The index that names it.
    package let namedBy: String
    /// The HTTP status with which it was refused; `nil`: it is plainly not there.
    package let refusal: Int?

    package init(path: String, components: [String], namedBy: String, refusal: Int?) {
      self.path = path
      self.components = components
      self.namedBy = namedBy
      self.refusal = refusal
    }
  }

  /// How many files of a component are named, and how many of them absent.
  package struct Tally: Hashable {
    package var named = 0
    package var absent = 0
    /// How many of the absent ones were not reported yet.
    package var new = 0

    package init(named: Int = 0, absent: Int = 0, new: Int = 0) {
      self.named = named
      self.absent = absent
      self.new = new
    }
  }

  /// How many indexes and files are named.
  package var named = 0
  /// The absent indexes.
  package var indexes: [MissingIndex] = []
  /// How many files are absent.
  package var files = 0
  /// How many of them a server refused that gives others.
  package var refused = 0
  /// The files that are absent and that were not reported yet, with what is known of them.
  package var newFiles: [TreePath: KnownFile] = [:]
  /// The tally of each component; a file's are those of its index where the index names none for it.
  package var components: [String: Tally] = [:]

  /// The components of the indexes.
  package var owners: [TreePath: [String]] = [:]

  package init() {}

  /// How many indexes and files are absent.
  package var absent: Int { indexes.count + files }

  /// The new absent files as they are remembered once a snapshot is sealed without them.
  package var reported: [TreePath: KnownFile] {
    newFiles.mapValues { known in
      var known = known
      known.absence?.isReported = true
      return known
    }
  }
}
