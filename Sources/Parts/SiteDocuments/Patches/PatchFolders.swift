/// The folders by which an Administration Server in an isolated network gets patches for programs of others: settings
/// of its own (`klscflag`), told here for people and for `kscmirror doctor`.
///
/// The isolated server writes its list of required updates to one folder, a file for each, and reads the patches from
/// another; on the connected server it is the other way round. Needs Kaspersky Security Center 14 or newer. Microsoft's
/// updates cannot go this way.
package struct PatchFolder: Hashable, Sendable {
  /// Which server has the setting.
  package enum Side: String, Sendable, CaseIterable {
    /// The one without internet.
    case isolated
    /// The one with internet.
    case connected
  }

  /// What is in the folder.
  package enum Content: String, Sendable, CaseIterable {
    /// The lists of required updates.
    case requirements
    /// The patches themselves.
    case patches
  }

  /// Which server has the setting.
  package let side: Side
  /// What is in the folder.
  package let content: Content
  /// The setting's name.
  package let setting: String
  /// Whether the vendor's public help gives the name. What is not confirmed must be compared with the server's own help
  /// before it is used.
  package let isConfirmed: Bool

  /// Whether the server writes to the folder, or else reads from it.
  package var isWritten: Bool { (side == .isolated) == (content == .requirements) }

  /// All of the folders.
  package static let all: [PatchFolder] = [
    PatchFolder(side: .isolated, content: .requirements, setting: "VAPM_REQ_EXPORT_PATH", isConfirmed: true),
    PatchFolder(side: .isolated, content: .patches, setting: "VAPM_DATA_IMPORT_PATH", isConfirmed: true),
    PatchFolder(side: .connected, content: .requirements, setting: "VAPM_REQ_IMPORT_PATH", isConfirmed: false),
    PatchFolder(side: .connected, content: .patches, setting: "VAPM_DATA_EXPORT_PATH", isConfirmed: false),
  ]

  /// Where the vendor's program for settings is on Linux.
  package static let program = "/opt/kaspersky/ksc64/sbin/klscflag"
  /// The group that must be able to change the folders on a server.
  package static let group = "KLAdmins"

  /// The command line that makes the server use a folder, to be run as root.
  package func commandLine(folder: String) -> String {
    "\(Self.program) -fset -pv klserver -n \(setting) -t s -v \(Self.quoted(folder))"
  }

  /// What a person has to know of it, in a sentence.
  package func sentence(folder: String) -> String {
    let what = content == .requirements ? "lists of required updates" : "patches"
    let does = isWritten ? "writes its \(what) to" : "takes \(what) from"
    let doubt = isConfirmed ? "" : " (the setting's name is not confirmed by the vendor's public help)"
    return "The \(side.rawValue) server \(does) \(SafeText.printable(folder)): setting \(setting)\(doubt)."
  }

  /// The lines for one server, for `doctor` and the manual: sentence and command line of each folder, and what holds for
  /// all.
  package static func lines(_ side: Side, requirements: String, patches: String) -> [String] {
    let folders = all.filter { $0.side == side }
    let each = folders.flatMap { folder in
      let path = folder.content == .requirements ? requirements : patches
      return [folder.sentence(folder: path), "    " + folder.commandLine(folder: path)]
    }
    return each + [
      "The group \(group) needs the right to change both folders.",
      "Clear a folder before it is used again: files from the last time would count as new.",
    ]
  }

  /// The text as one word of a shell.
  private static func quoted(_ text: String) -> String {
    "'" + SafeText.printable(text).replacing("'", with: "'\\''") + "'"
  }
}
