/// The texts of the catalogue that go with a number which stands elsewhere.
package enum Agreeing: NumberedCatalogueText {
  // Reports of licences
  case needAction, needLook, areFine

  package static var showsNumber: Bool { false }

  package var texts: NumberedTexts {
    switch self {
    // Reports of licences
    case .needAction:
      NumberedTexts(
        "needs action",
        "need action",
        es: ("requiere acción", "requieren acción"),
        ru: ("требует действий", "требуют действий", "требуют действий")
      )
    case .needLook:
      NumberedTexts(
        "needs a look",
        "need a look",
        es: ("requiere revisión", "requieren revisión"),
        ru: ("требует внимания", "требуют внимания", "требуют внимания")
      )
    case .areFine:
      NumberedTexts(
        "is fine",
        "are fine",
        es: ("está en orden", "están en orden"),
        ru: ("в порядке", "в порядке", "в порядке")
      )
    }
  }
}
