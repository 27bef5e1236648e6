import StrictJSON

extension JSONForm {
  /// Texts in a form that shows nothing that it hides.
  ///
  /// Foundation's encoder lets through what may not be shown as it is: the names on a stick can hold the C1 controls,
  /// which terminals obey, and marks that reverse the writing direction.
  static let journal = JSONForm(hasShortEscapes: true) { isEscaped($0.value) }

  /// How many bytes a character has in this form.
  func width(_ scalar: Unicode.Scalar) -> Int {
    var bytes: [UInt8] = []
    write(scalar, to: &bytes)
    return bytes.count
  }

  /// Controls, line separators, and format characters that are not seen or change how others are seen.
  ///
  /// A list and not the property of the standard library, which changes with the version of Unicode: what is a
  /// journal's one form must stay so.
  private static func isEscaped(_ value: UInt32) -> Bool {
    switch value {
    case 0...0x1F, 0x7F...0x9F, 0xAD, 0x61C, 0x180E, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF,
      0xFFF9...0xFFFB, 0xE0000...0xE007F:
      true
    default: false
    }
  }
}
