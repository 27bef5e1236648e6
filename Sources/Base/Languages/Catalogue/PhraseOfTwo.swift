/// The texts of the catalogue with two places to fill.
package enum PhraseOfTwo: CatalogueText {
  // The status page
  case ageLimits
  // Reports of licences
  case judged, isNew, became, thenUsed
  // The list of what a parcel holds
  case ofSite, forSite, eachWith, with
  // The label of a bundle, and the evidence of an import
  case sealed, expiresOn, bundleFor, metadataVersion, verified

  package static var places: Int { 2 }

  package var texts: Texts {
    switch self {
    // The status page
    case .ageLimits:
      Texts(
        "By the date of its own index: old from {1} on, very old from {2} on.",
        es: "Según la fecha de su propio índice: antiguo desde {1}, muy antiguo desde {2}.",
        ru: "По дате собственного индекса: старый — {1} и больше, очень старый — {2} и больше."
      )
    // Reports of licences
    case .judged:
      Texts(
        "Judged on {1}, with a warning {2} ahead.",
        es: "Evaluado el {1}; se avisa con {2} de antelación.",
        ru: "Оценка на {1}; предупреждение за {2} до срока."
      )
    case .isNew: Texts("{1} is new: {2}", es: "{1} es nueva: {2}", ru: "{1}: новая, {2}")
    case .became: Texts("{1} is now {2}", es: "{1}: ahora {2}", ru: "{1}: теперь {2}")
    case .thenUsed: Texts("{1}, then {2}", es: "{1}, después {2}", ru: "{1}, затем {2}")
    // The list of what a parcel holds
    case .ofSite: Texts("{1} of site {2}", es: "{1} de la sede {2}", ru: "{1} от площадки {2}")
    case .forSite: Texts("{1} for site {2}", es: "{1} para la sede {2}", ru: "{1} для площадки {2}")
    case .eachWith: Texts("{1}, each with: {2}.", es: "{1}, cada una con: {2}.", ru: "{1}, для каждой: {2}.")
    case .with: Texts("{1} with: {2}.", es: "{1} con: {2}.", ru: "{1}, данные: {2}.")
    // The label of a bundle, and the evidence of an import
    case .sealed: Texts("{1}, sealed {2}", es: "{1}, sellada el {2}", ru: "{1}, создан {2}")
    case .expiresOn: Texts("{1}, expires {2}", es: "{1}, caduca el {2}", ru: "{1}, действует до {2}")
    case .bundleFor: Texts("{1}, for {2}", es: "{1}, para {2}", ru: "{1}, для {2}")
    case .metadataVersion:
      Texts("version {1}, expires {2}", es: "versión {1}, caducan el {2}", ru: "версия {1}, действуют до {2}")
    case .verified: Texts("{1} and {2} verified", es: "{1} y {2} verificados", ru: "проверено: {1} и {2}")
    }
  }
}
