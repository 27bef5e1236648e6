/// The texts of the catalogue with three places to fill.
package enum PhraseOfThree: CatalogueText {
  // Reports of licences
  case renewed, endsSooner, otherLimit, usedMore, usedFewer, devicesOverTime
  // The list of what a parcel holds
  case exchangeFolder, devicesThatUse, statistics, keyFile
  // The evidence of an import
  case signers

  package static var places: Int { 3 }

  package var texts: Texts {
    switch self {
    // Reports of licences
    case .renewed:
      Texts(
        "{1} is renewed: until {2}, before until {3}",
        es: "{1} se ha renovado: hasta {2}, antes hasta {3}",
        ru: "{1}: продлена, новый срок {2}, прежний {3}"
      )
    case .endsSooner:
      Texts(
        "{1} ends sooner: {2}, before {3}",
        es: "{1} termina antes: {2}, antes {3}",
        ru: "{1}: срок сокращён, новый {2}, прежний {3}"
      )
    case .otherLimit:
      Texts(
        "{1} has another limit: {2}, before {3}",
        es: "{1} tiene otro límite: {2}, antes {3}",
        ru: "{1}: лимит изменён, новый {2}, прежний {3}"
      )
    case .usedMore:
      Texts(
        "{1} is used by {2}, {3} more than before",
        es: "{1} se usa en {2}, {3} más que antes",
        ru: "{1}: используется ({2}), на {3} больше, чем раньше"
      )
    case .usedFewer:
      Texts(
        "{1} is used by {2}, {3} fewer than before",
        es: "{1} se usa en {2}, {3} menos que antes",
        ru: "{1}: используется ({2}), на {3} меньше, чем раньше"
      )
    case .devicesOverTime:
      Texts("Devices from {1} to {2}: {3}", es: "Dispositivos del {1} al {2}: {3}", ru: "Устройства с {1} по {2}: {3}")
    // The list of what a parcel holds
    case .exchangeFolder:
      Texts(
        "Exchange folder {1}: {2}, {3}.",
        es: "Carpeta de intercambio {1}: {2}, {3}.",
        ru: "Папка обмена {1}: {2}, {3}."
      )
    case .devicesThatUse:
      Texts(
        "{1} of devices that use them, {2}, each with: {3}.",
        es: "{1} de dispositivos que las usan, {2}, cada una con: {3}.",
        ru: "{1} об устройствах, которые их используют, {2}, для каждого: {3}."
      )
    case .statistics:
      Texts(
        "{1} of statistics with {2} that the site allows; {3} were left out.",
        es: "{1} de estadísticas con {2} que la sede permite; omitidos: {3}.",
        ru: "{1} статистики, где {2} разрешено площадкой; исключено: {3}."
      )
    case .keyFile:
      Texts(
        "{1}: a key file of {2}, SHA-256 {3}.",
        es: "{1}: un archivo de clave de {2}, SHA-256 {3}.",
        ru: "{1}: файл ключа, {2}, SHA-256 {3}."
      )
    // The evidence of an import
    case .signers: Texts("{1}: {2} of {3}", es: "{1}: {2} de {3}", ru: "{1}: {2} из {3}")
    }
  }
}
