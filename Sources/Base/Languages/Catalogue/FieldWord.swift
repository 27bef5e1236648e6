/// What the fields of documents are, in plain words for somebody who knows neither the program nor the vendor's products.
package enum FieldWord: CatalogueText {
  // What names somebody or something
  case identifier, name, deviceGroup, serialNumber, partNumber, licenceText, supportContact, customer, partner
  case providerAddress, site, serverName, virtualServer, serverAddress, user, comment, note, keyFileName
  case statementName, configurationName, privateProvider, certificateIssuer, statisticsName
  // What counts, dates and describes
  case productAndVersion, use, dates, type, deviceNumbers, state, source, program, serverVersion, serverInstallation
  case size, digest, proxySettings, ksnConnection, language, statementVersion, accepted, form, valueNumbers
  // What is counted besides fields
  case device, licence, counter, others

  package static var places: Int { 0 }

  package var texts: Texts {
    switch self {
    // What names somebody or something
    case .identifier: Texts("identifier", es: "identificador", ru: "идентификатор")
    case .name: Texts("name", es: "nombre", ru: "имя")
    case .deviceGroup: Texts("group of devices", es: "grupo de dispositivos", ru: "группа устройств")
    case .serialNumber: Texts("serial number", es: "número de serie", ru: "серийный номер")
    case .partNumber: Texts("part number", es: "número de referencia", ru: "артикул")
    case .licenceText: Texts("text of the licence", es: "texto de la licencia", ru: "текст лицензии")
    case .supportContact: Texts("support contact", es: "contacto de soporte", ru: "контакт поддержки")
    case .customer: Texts("customer", es: "cliente", ru: "заказчик")
    case .partner: Texts("partner", es: "socio", ru: "партнёр")
    case .providerAddress: Texts("provider's address", es: "dirección del proveedor", ru: "адрес провайдера")
    case .site: Texts("site", es: "sede", ru: "площадка")
    case .serverName: Texts("server's name", es: "nombre del servidor", ru: "имя сервера")
    case .virtualServer: Texts("virtual server", es: "servidor virtual", ru: "виртуальный сервер")
    case .serverAddress: Texts("server's address", es: "dirección del servidor", ru: "адрес сервера")
    case .user: Texts("user", es: "usuario", ru: "пользователь")
    case .comment: Texts("comment", es: "comentario", ru: "комментарий")
    case .note: Texts("note", es: "nota", ru: "примечание")
    case .keyFileName: Texts("name of a key file", es: "nombre de un archivo de clave", ru: "имя файла ключа")
    case .statementName: Texts("name of a statement", es: "nombre de una declaración", ru: "название положения")
    case .configurationName: Texts("name of a configuration", es: "nombre de una configuración", ru: "имя конфигурации")
    case .privateProvider:
      Texts("provider of Private KSN", es: "proveedor de KSN privado", ru: "провайдер Локального KSN")
    case .certificateIssuer:
      Texts(
        "issuer of the provider's certificate",
        es: "emisor del certificado del proveedor",
        ru: "издатель сертификата провайдера"
      )
    case .statisticsName:
      Texts("name of a body of statistics", es: "nombre de un cuerpo de estadísticas", ru: "имя блока статистики")
    // What counts, dates and describes
    case .productAndVersion: Texts("product and version", es: "producto y versión", ru: "продукт и версия")
    case .use: Texts("use", es: "uso", ru: "использование")
    case .dates: Texts("dates", es: "fechas", ru: "даты")
    case .type: Texts("type", es: "tipo", ru: "тип")
    case .deviceNumbers: Texts("numbers of devices", es: "números de dispositivos", ru: "число устройств")
    case .state: Texts("state", es: "estado", ru: "состояние")
    case .source: Texts("source", es: "origen", ru: "источник")
    case .program: Texts("program", es: "programa", ru: "программа")
    case .serverVersion: Texts("server's version", es: "versión del servidor", ru: "версия сервера")
    case .serverInstallation: Texts("server's installation", es: "instalación del servidor", ru: "установка сервера")
    case .size: Texts("size", es: "tamaño", ru: "размер")
    case .digest: Texts("digest", es: "resumen criptográfico", ru: "хеш")
    case .proxySettings:
      Texts("settings of the KSN proxy", es: "ajustes del proxy de KSN", ru: "параметры прокси-сервера KSN")
    case .ksnConnection: Texts("connection to KSN", es: "conexión con KSN", ru: "подключение к KSN")
    case .language: Texts("language", es: "idioma", ru: "язык")
    case .statementVersion: Texts("version of a statement", es: "versión de una declaración", ru: "версия положения")
    case .accepted: Texts("accepted or not", es: "aceptado o no", ru: "принято или нет")
    case .form: Texts("form", es: "formato", ru: "формат")
    case .valueNumbers: Texts("numbers of values", es: "números de valores", ru: "число значений")
    // What is counted besides fields
    case .device: Texts("device", es: "dispositivo", ru: "устройство")
    case .licence: Texts("licence", es: "licencia", ru: "лицензия")
    case .counter: Texts("counter", es: "contador", ru: "счётчик")
    case .others: Texts("others", es: "otros", ru: "прочее")
    }
  }
}
