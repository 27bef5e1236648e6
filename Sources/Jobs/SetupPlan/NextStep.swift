import MirrorConfiguration
import MirrorTypes
import SystemPackage

/// What somebody types after a setup.
package struct NextStep {
  private let answers: SetupAnswers
  private let file: FilePath
  private let user: String
  private let owner: String?
  private let media: [FilePath]

  /// What follows a setup.
  ///
  /// - Parameters:
  ///   - answers: what was chosen.
  ///   - file: the configuration's file.
  ///   - user: who runs the setup.
  ///   - owner: whose the store is; `nil` where that is not known.
  ///   - media: where media are mounted.
  package init(answers: SetupAnswers, file: FilePath, user: String, owner: String?, media: [FilePath]) {
    self.answers = answers
    self.file = file
    self.user = user
    self.owner = owner
    self.media = media
  }

  /// The commands, to be pasted.
  package var commands: [String] {
    let stick = media.first?.string ?? "/media/stick"
    switch answers.side {
    case .connected:
      return [command("sync"), command("pack")]
    case .isolated:
      return [command("trust add \(ShellWord.quoted(stick))"), command("import \(ShellWord.quoted(stick))")]
    }
  }

  private func command(_ words: String) -> String {
    let asOwner = owner.flatMap { $0 == user ? nil : "sudo -u \($0) " } ?? ""
    let elsewhere = file == Configuration.defaultFile ? "" : " --config \(ShellWord.quoted(file.string))"
    return "\(asOwner)kscmirror \(words)\(elsewhere)"
  }
}
