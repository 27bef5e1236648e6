/// What a new pass phrase has to be. It seals the root key, from which all trust comes, or a backup with all keys, against
/// whoever copies the file: who has that can try as long as they like.
package enum NewPassphrase {
  /// The fewest characters.
  static let fewestCharacters = 12
  private static let fewestDifferent = 5
  /// Runs along an alphabet or a keyboard; also their letters backwards.
  private static let runs = [
    "abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm",
    "йцукенгшщзхъфывапролджэячсмитьбю", "абвгдежзийклмнопрстуфхцчшщъыьэюя",
  ]
  private static let common: Set<String> = [
    "password", "passwort", "passphrase", "contraseña", "пароль", "kscmirror", "kaspersky", "administrator", "admin",
    "letmein", "welcome", "qwerty", "secret", "changeme", "default",
  ]

  /// What is advised where one is too weak.
  package static let advice =
    "Take four or more words that do not belong together. It is typed rarely, so it may be long; write it down, and keep it apart from the file."

  /// Why a pass phrase is too weak; `nil` if it is not.
  package static func weakness(of phrase: String) -> String? {
    let characters = Array(phrase.lowercased())
    guard characters.count >= fewestCharacters else {
      return "it has \(characters.count) of at least \(fewestCharacters) characters"
    }
    if Set(characters).count < fewestDifferent { return "it repeats the same few characters" }
    if isRepetition(characters) { return "it is one short piece, over and over" }
    let letters = String(characters.filter { !$0.isWhitespace })
    if runs.contains(where: { $0.contains(letters) || String($0.reversed()).contains(letters) }) {
      return "its characters stand side by side in the alphabet or on the keyboard"
    }
    let stem = String(characters.filter(\.isLetter))
    if common.contains(stem) || common.contains(where: { stem == $0 + $0 }) {
      return "it is a common word with digits or signs"
    }
    return nil
  }

  private static func isRepetition(_ characters: [Character]) -> Bool {
    (1...max(1, characters.count / 3)).contains { period in
      characters.indices.allSatisfy { characters[$0] == characters[$0 % period] }
    }
  }
}
