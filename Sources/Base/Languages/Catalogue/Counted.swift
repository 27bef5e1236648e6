/// The texts of the catalogue that a number stands in.
package enum Counted: NumberedCatalogueText {
  // Of everything
  case bytes, files, days, minutesAgo, hoursAgo, daysAgo, licences, devices, sites
  // The status page
  case freshOnes, oldOnes, veryOldOnes, ofUnknownAge, withoutIndex
  // Reports of licences
  case blockedOnes, expiredOnes, cancelledOnes, pausedOnes, expiringOnes, exhaustedOnes, fineOnes, withinDays
  case endedDaysAgo, changes, keyFilesInStore
  // The list of what a parcel holds
  case deviceEntries, keyFiles, keys, statements, configurations, serialNumbers, counters, bodies, values
  // The evidence of an import
  case objects, indexes

  package static var showsNumber: Bool { true }

  package var texts: NumberedTexts {
    switch self {
    // Of everything
    case .bytes:
      NumberedTexts("{n} byte", "{n} bytes", es: ("{n} byte", "{n} bytes"), ru: ("{n} байт", "{n} байта", "{n} байт"))
    case .files:
      NumberedTexts(
        "{n} file",
        "{n} files",
        es: ("{n} archivo", "{n} archivos"),
        ru: ("{n} файл", "{n} файла", "{n} файлов")
      )
    case .days:
      NumberedTexts("{n} day", "{n} days", es: ("{n} día", "{n} días"), ru: ("{n} день", "{n} дня", "{n} дней"))
    case .minutesAgo:
      NumberedTexts(
        "{n} minute ago",
        "{n} minutes ago",
        es: ("hace {n} minuto", "hace {n} minutos"),
        ru: ("{n} минуту назад", "{n} минуты назад", "{n} минут назад")
      )
    case .hoursAgo:
      NumberedTexts(
        "{n} hour ago",
        "{n} hours ago",
        es: ("hace {n} hora", "hace {n} horas"),
        ru: ("{n} час назад", "{n} часа назад", "{n} часов назад")
      )
    case .daysAgo:
      NumberedTexts(
        "{n} day ago",
        "{n} days ago",
        es: ("hace {n} día", "hace {n} días"),
        ru: ("{n} день назад", "{n} дня назад", "{n} дней назад")
      )
    case .licences:
      NumberedTexts(
        "{n} licence",
        "{n} licences",
        es: ("{n} licencia", "{n} licencias"),
        ru: ("{n} лицензия", "{n} лицензии", "{n} лицензий")
      )
    case .devices:
      NumberedTexts(
        "{n} device",
        "{n} devices",
        es: ("{n} dispositivo", "{n} dispositivos"),
        ru: ("{n} устройство", "{n} устройства", "{n} устройств")
      )
    case .sites:
      NumberedTexts(
        "{n} site",
        "{n} sites",
        es: ("{n} sede", "{n} sedes"),
        ru: ("{n} площадка", "{n} площадки", "{n} площадок")
      )
    // The status page
    case .freshOnes:
      NumberedTexts(
        "{n} fresh",
        "{n} fresh",
        es: ("{n} actual", "{n} actuales"),
        ru: ("{n} свежий", "{n} свежих", "{n} свежих")
      )
    case .oldOnes:
      NumberedTexts(
        "{n} old",
        "{n} old",
        es: ("{n} antiguo", "{n} antiguos"),
        ru: ("{n} старый", "{n} старых", "{n} старых")
      )
    case .veryOldOnes:
      NumberedTexts(
        "{n} very old",
        "{n} very old",
        es: ("{n} muy antiguo", "{n} muy antiguos"),
        ru: ("{n} очень старый", "{n} очень старых", "{n} очень старых")
      )
    case .ofUnknownAge:
      NumberedTexts(
        "{n} unknown age",
        "{n} unknown age",
        es: ("{n} de antigüedad desconocida", "{n} de antigüedad desconocida"),
        ru: ("{n} неизвестного возраста", "{n} неизвестного возраста", "{n} неизвестного возраста")
      )
    case .withoutIndex:
      NumberedTexts(
        "{n} no index",
        "{n} no index",
        es: ("{n} sin índice", "{n} sin índice"),
        ru: ("{n} без индекса", "{n} без индекса", "{n} без индекса")
      )
    // Reports of licences
    case .blockedOnes:
      NumberedTexts(
        "{n} blocked",
        "{n} blocked",
        es: ("{n} bloqueada", "{n} bloqueadas"),
        ru: ("{n} заблокирована", "{n} заблокированы", "{n} заблокировано")
      )
    case .expiredOnes:
      NumberedTexts(
        "{n} expired",
        "{n} expired",
        es: ("{n} caducada", "{n} caducadas"),
        ru: ("{n} истекла", "{n} истекли", "{n} истекло")
      )
    case .cancelledOnes:
      NumberedTexts(
        "{n} cancelled",
        "{n} cancelled",
        es: ("{n} cancelada", "{n} canceladas"),
        ru: ("{n} отменена", "{n} отменены", "{n} отменено")
      )
    case .pausedOnes:
      NumberedTexts(
        "{n} paused",
        "{n} paused",
        es: ("{n} en pausa", "{n} en pausa"),
        ru: ("{n} приостановлена", "{n} приостановлены", "{n} приостановлено")
      )
    case .expiringOnes:
      NumberedTexts(
        "{n} expiring",
        "{n} expiring",
        es: ("{n} caduca", "{n} caducan"),
        ru: ("{n} истекает", "{n} истекают", "{n} истекает")
      )
    case .exhaustedOnes:
      NumberedTexts(
        "{n} exhausted",
        "{n} exhausted",
        es: ("{n} agotada", "{n} agotadas"),
        ru: ("{n} исчерпана", "{n} исчерпаны", "{n} исчерпано")
      )
    case .fineOnes:
      NumberedTexts(
        "{n} fine",
        "{n} fine",
        es: ("{n} en orden", "{n} en orden"),
        ru: ("{n} в порядке", "{n} в порядке", "{n} в порядке")
      )
    case .withinDays:
      NumberedTexts(
        "within {n} day",
        "within {n} days",
        es: ("en {n} día o menos", "en {n} días o menos"),
        ru: ("в течение {n} дня", "в течение {n} дней", "в течение {n} дней")
      )
    case .endedDaysAgo:
      NumberedTexts(
        "ended {n} day ago",
        "ended {n} days ago",
        es: ("caducó hace {n} día", "caducó hace {n} días"),
        ru: ("истекла {n} день назад", "истекла {n} дня назад", "истекла {n} дней назад")
      )
    case .changes:
      NumberedTexts(
        "{n} change",
        "{n} changes",
        es: ("{n} cambio", "{n} cambios"),
        ru: ("{n} изменение", "{n} изменения", "{n} изменений")
      )
    case .keyFilesInStore:
      NumberedTexts(
        "{n} key file is in store at the site, known by digest only.",
        "{n} key files are in store at the site, known by digest only.",
        es: (
          "La sede guarda {n} archivo de clave; de él solo se conoce el resumen criptográfico.",
          "La sede guarda {n} archivos de clave; de ellos solo se conoce el resumen criptográfico."
        ),
        ru: (
          "На площадке хранится {n} файл ключа; известен только его хеш.",
          "На площадке хранятся {n} файла ключей; известны только их хеши.",
          "На площадке хранится {n} файлов ключей; известны только их хеши."
        )
      )
    // The list of what a parcel holds
    case .deviceEntries:
      NumberedTexts(
        "{n} entry",
        "{n} entries",
        es: ("{n} entrada", "{n} entradas"),
        ru: ("{n} запись", "{n} записи", "{n} записей")
      )
    case .keyFiles:
      NumberedTexts(
        "{n} key file",
        "{n} key files",
        es: ("{n} archivo de clave", "{n} archivos de clave"),
        ru: ("{n} файл ключа", "{n} файла ключей", "{n} файлов ключей")
      )
    case .keys:
      NumberedTexts(
        "{n} key",
        "{n} keys",
        es: ("{n} clave completa", "{n} claves completas"),
        ru: ("{n} ключ целиком", "{n} ключа целиком", "{n} ключей целиком")
      )
    case .statements:
      NumberedTexts(
        "{n} statement",
        "{n} statements",
        es: ("{n} declaración", "{n} declaraciones"),
        ru: ("{n} положение", "{n} положения", "{n} положений")
      )
    case .configurations:
      NumberedTexts(
        "{n} configuration of Private KSN",
        "{n} configurations of Private KSN",
        es: ("{n} configuración de KSN privado", "{n} configuraciones de KSN privado"),
        ru: ("{n} конфигурация Локального KSN", "{n} конфигурации Локального KSN", "{n} конфигураций Локального KSN")
      )
    case .serialNumbers:
      NumberedTexts(
        "{n} serial number",
        "{n} serial numbers",
        es: ("{n} número de serie", "{n} números de serie"),
        ru: ("{n} серийный номер", "{n} серийных номера", "{n} серийных номеров")
      )
    case .counters:
      NumberedTexts(
        "{n} counter",
        "{n} counters",
        es: ("{n} contador", "{n} contadores"),
        ru: ("{n} счётчик", "{n} счётчика", "{n} счётчиков")
      )
    case .bodies:
      NumberedTexts(
        "{n} body",
        "{n} bodies",
        es: ("{n} cuerpo", "{n} cuerpos"),
        ru: ("{n} блок", "{n} блока", "{n} блоков")
      )
    case .values:
      NumberedTexts(
        "{n} value",
        "{n} values",
        es: ("{n} valor", "{n} valores"),
        ru: ("{n} значение", "{n} значения", "{n} значений")
      )
    // The evidence of an import
    case .objects:
      NumberedTexts(
        "{n} object",
        "{n} objects",
        es: ("{n} objeto", "{n} objetos"),
        ru: ("{n} объект", "{n} объекта", "{n} объектов")
      )
    case .indexes:
      NumberedTexts(
        "{n} index",
        "{n} indexes",
        es: ("{n} índice", "{n} índices"),
        ru: ("{n} индекс", "{n} индекса", "{n} индексов")
      )
    }
  }
}
