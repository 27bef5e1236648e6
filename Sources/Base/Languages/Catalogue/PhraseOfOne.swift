/// The texts of the catalogue with one place to fill.
package enum PhraseOfOne: CatalogueText {
  // Of everything
  case secondsShort, minutesShort, hoursShort, andMore
  // The status page
  case asOf, webStoreOf, publishedAt, sealedAt, arrivedAt, licenceEnds
  // Reports of licences
  case licencesOf, siteState, sinceBefore, isGone, ofLimit, reserved
  // The list of what a parcel holds
  case exchangeKind, namesOfPersons, namesOfDevices, secrets, notChecked, aboutSite, keyFilesByDigest, leftOut
  case forProvider, countersByName, keysInFull, activationCode, note
  // The label of a bundle
  case databasesAndUpdates, digestOf, toCheck
  // The evidence of an import
  case forOneSite, expiredAccepted, notVerifiable, olderThanHere, metadataAlgorithm

  package static var places: Int { 1 }

  package var texts: Texts {
    switch self {
    // Of everything
    case .secondsShort: Texts("{1} s", es: "{1} s", ru: "{1} с")
    case .minutesShort: Texts("{1} min", es: "{1} min", ru: "{1} мин")
    case .hoursShort: Texts("{1} h", es: "{1} h", ru: "{1} ч")
    case .andMore: Texts("and {1} more", es: "y {1} más", ru: "и ещё {1}")
    // The status page
    case .asOf: Texts("As of {1}.", es: "Estado a {1}.", ru: "Состояние на {1}.")
    case .webStoreOf: Texts("Web store of {1}", es: "Almacén web de {1}", ru: "Веб-хранилище: {1}")
    case .publishedAt: Texts("published {1}", es: "publicada {1}", ru: "опубликован {1}")
    case .sealedAt: Texts("sealed {1}", es: "instantánea sellada {1}", ru: "снимок создан {1}")
    case .arrivedAt: Texts("arrived {1}", es: "recibido {1}", ru: "получен {1}")
    case .licenceEnds: Texts("ends {1}", es: "fin: {1}", ru: "срок: {1}")
    // Reports of licences
    case .licencesOf: Texts("Licences of {1}", es: "Licencias de {1}", ru: "Лицензии: {1}")
    case .siteState: Texts("As the site was on {1}.", es: "Estado de la sede el {1}.", ru: "Состояние площадки на {1}.")
    case .sinceBefore:
      Texts("Since the document before: {1}", es: "Desde el documento anterior: {1}", ru: "С прошлого документа: {1}")
    case .isGone: Texts("{1} is gone", es: "{1} ya no está", ru: "{1}: больше нет")
    case .ofLimit: Texts("of {1}", es: "de {1}", ru: "из {1}")
    case .reserved: Texts("{1} in reserve", es: "{1} en reserva", ru: "{1} в резерве")
    // The list of what a parcel holds
    case .exchangeKind: Texts("exchange:{1}", es: "carpeta de intercambio {1}", ru: "папка обмена {1}")
    case .namesOfPersons:
      Texts(
        "Names of persons, organisations or addresses: {1}",
        es: "Nombres de personas u organizaciones, o direcciones: {1}",
        ru: "Имена людей, названия организаций или адреса: {1}"
      )
    case .namesOfDevices: Texts("Names of devices: {1}", es: "Nombres de dispositivos: {1}", ru: "Имена устройств: {1}")
    case .secrets:
      Texts(
        "Bodies of keys (secrets): {1}",
        es: "Claves completas (secretas): {1}",
        ru: "Ключи целиком (секретные): {1}"
      )
    case .notChecked: Texts("NOT CHECKED in {1}", es: "SIN COMPROBAR: {1}", ru: "НЕ ПРОВЕРЕНО: {1}")
    case .aboutSite: Texts("About the site: {1}.", es: "Sobre la sede: {1}.", ru: "О площадке: {1}.")
    case .keyFilesByDigest:
      Texts(
        "{1} by name, size and digest, without content.",
        es: "{1} con nombre, tamaño y resumen criptográfico, sin contenido.",
        ru: "{1}: имя, размер и хеш, без содержимого."
      )
    case .leftOut:
      Texts("Left out or replaced: {1}.", es: "Omitido o sustituido: {1}.", ru: "Исключено или заменено: {1}.")
    case .forProvider:
      Texts(
        "{1} of licences, for the provider.",
        es: "{1} de licencias, para el proveedor.",
        ru: "{1} лицензий, для провайдера."
      )
    case .countersByName: Texts("{1} by name.", es: "{1} por su nombre.", ru: "{1} по имени.")
    case .keysInFull:
      Texts(
        "{1} in full. Anyone who can open the parcel can install them. They are SECRETS.",
        es: "{1}. Quien pueda abrir el envío puede instalarlas. Son SECRETAS.",
        ru: "{1}. Тот, кто сможет открыть посылку, сможет их установить. Это СЕКРЕТНЫЕ данные."
      )
    case .activationCode:
      Texts("{1}: an activation code.", es: "{1}: un código de activación.", ru: "{1}: код активации.")
    case .note: Texts("Note: {1}", es: "Nota: {1}", ru: "Примечание: {1}")
    // The label of a bundle
    case .databasesAndUpdates:
      Texts(
        "antivirus databases and updates, {1}",
        es: "bases antivirus y actualizaciones, lote {1}",
        ru: "антивирусные базы и обновления, {1} комплект"
      )
    case .digestOf: Texts("SHA-256 of {1}:", es: "SHA-256 de {1}:", ru: "SHA-256 файла {1}:")
    case .toCheck:
      Texts(
        "To check every file without kscmirror: {1}",
        es: "Para comprobar todos los archivos sin kscmirror: {1}",
        ru: "Чтобы проверить все файлы без kscmirror: {1}"
      )
    // The evidence of an import
    case .forOneSite: Texts("site {1}", es: "la sede {1}", ru: "площадки {1}")
    case .expiredAccepted:
      Texts("Expired and accepted: {1}", es: "Caducado y aceptado: {1}", ru: "Истекло и принято: {1}")
    case .notVerifiable:
      Texts(
        "{1} not verifiable, without a signature that can be checked",
        es: "{1} sin verificar: no llevan una firma que se pueda comprobar",
        ru: "{1} без проверки: нет подписи, которую можно проверить"
      )
    case .olderThanHere:
      Texts(
        "older than what was here: {1}",
        es: "más antiguo que lo que había aquí: {1}",
        ru: "старше, чем было здесь: {1}"
      )
    case .metadataAlgorithm:
      Texts(
        "metadata: Ed25519 over canonical JSON, TUF {1}",
        es: "metadatos: Ed25519 sobre JSON canónico, TUF {1}",
        ru: "метаданные: Ed25519 поверх канонического JSON, TUF {1}"
      )
    }
  }
}
