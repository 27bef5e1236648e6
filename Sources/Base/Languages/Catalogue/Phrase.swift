/// The texts of the catalogue without a place to fill.
package enum Phrase: CatalogueText {
  // Of everything
  case inTheFuture, justNow, unknown, licences, files, program, site, version, volumes, root, snapshot
  // The status page
  case skip, webStore, nothingPublished, release, content, databasesOf, unknownDate, freshDatabases, oldDatabases
  case veryOldDatabases, components, component, noComponent, indexOf, size, fresh, old, veryOld, unknownAge, noIndex
  case changeRarely, lastImport, lastSync, succeeded, failed, licencesToLookAt, packages, packageHead, asJSON, figures
  // Reports of licences
  case noDocuments, madeFromExports, siteHasNoLicences, noLicences, licence, state, timeLeft, devices, overTime
  case serial, product, type, expires, days, daysLeft, limit, inUse, reserve, urgency, fineUrgency, warningUrgency
  case criticalUrgency, productUnknown, withoutEnd, never, noEnd, noLimit, justEnded, lastDay
  // States of a licence, and types of keys
  case blocked, expired, cancelled, paused, expiring, exhausted, active, inReserve, unused, commercial, beta, trial
  case test, oem, subscription
  // The list of what a parcel holds
  case parcel, delivery, made, carries, licenceKind, ksnKind, keysKind, inShort, ksn, bodiesOfKeysHead
  case keysToInstall, exchangeFolders, no, yes, bodiesOfKeys, serverAttributes, exchangeFiles, statisticsNames
  case statisticsTexts, otherFiles, filesLeave, noneByName, byName, nothingLeftOut, nothingElseLeftOut, ownerInKey
  case whoOpensInstalls, givesToDevices
  // The label of a bundle
  case what, full, incremental, anySite, madeBy, contentsList, key
  // The evidence of an import
  case evidenceTitle, when, who, host, bundle, forAnySite, metadata, outcome, newHead, tree, vendorSignatures
  case vendorOff, algorithms, volumeAlgorithm, vendorAlgorithm, journal, verifiedOutcome, sameOutcome, heldOutcome
  case takenOutcome, publishedOutcome

  package static var places: Int { 0 }

  package var texts: Texts {
    switch self {
    // Of everything
    case .inTheFuture: Texts("in the future", es: "en el futuro", ru: "в будущем")
    case .justNow: Texts("just now", es: "ahora mismo", ru: "только что")
    case .unknown: Texts("unknown", es: "desconocido", ru: "неизвестно")
    case .licences: Texts("Licences", es: "Licencias", ru: "Лицензии")
    case .files: Texts("Files", es: "Archivos", ru: "Файлы")
    case .program: Texts("Program", es: "Programa", ru: "Программа")
    case .site: Texts("Site", es: "Sede", ru: "Площадка")
    case .version: Texts("Version", es: "Versión", ru: "Версия")
    case .volumes: Texts("Volumes", es: "Volúmenes", ru: "Тома")
    case .root: Texts("Root", es: "Raíz", ru: "Корень")
    case .snapshot: Texts("Snapshot", es: "Instantánea", ru: "Снимок")
    // The status page
    case .skip: Texts("Skip to the content", es: "Ir al contenido", ru: "Перейти к содержимому")
    case .webStore: Texts("Web store", es: "Almacén web", ru: "Веб-хранилище")
    case .nothingPublished:
      Texts(
        "Nothing is published yet. Import a bundle, and this page shows what it holds.",
        es: "Todavía no hay nada publicado. Importe un lote y esta página mostrará lo que contiene.",
        ru: "Пока ничего не опубликовано. Импортируйте комплект, и эта страница покажет, что в нём есть."
      )
    case .release: Texts("Release", es: "Publicación", ru: "Выпуск")
    case .content: Texts("Content", es: "Contenido", ru: "Содержимое")
    case .databasesOf: Texts("Databases of", es: "Fecha de las bases", ru: "Дата баз")
    case .unknownDate: Texts("unknown date", es: "fecha desconocida", ru: "дата неизвестна")
    case .freshDatabases: Texts("Fresh", es: "Actuales", ru: "Свежие")
    case .oldDatabases: Texts("Old", es: "Antiguas", ru: "Старые")
    case .veryOldDatabases: Texts("Very old", es: "Muy antiguas", ru: "Очень старые")
    case .components: Texts("Components", es: "Componentes", ru: "Компоненты")
    case .component: Texts("Component", es: "Componente", ru: "Компонент")
    case .noComponent: Texts("(no component)", es: "(sin componente)", ru: "(без компонента)")
    case .indexOf: Texts("Index of", es: "Fecha del índice", ru: "Дата индекса")
    case .size: Texts("Size", es: "Tamaño", ru: "Размер")
    case .fresh: Texts("Fresh", es: "Actual", ru: "Свежий")
    case .old: Texts("Old", es: "Antiguo", ru: "Старый")
    case .veryOld: Texts("Very old", es: "Muy antiguo", ru: "Очень старый")
    case .unknownAge: Texts("Unknown age", es: "Antigüedad desconocida", ru: "Возраст неизвестен")
    case .noIndex: Texts("No index", es: "Sin índice", ru: "Без индекса")
    case .changeRarely:
      Texts(
        "Some components change rarely by their nature.",
        es: "Algunos componentes, por su naturaleza, cambian pocas veces.",
        ru: "Некоторые компоненты по своей природе меняются редко."
      )
    case .lastImport: Texts("Last import", es: "Última importación", ru: "Последний импорт")
    case .lastSync: Texts("Last sync", es: "Última sincronización", ru: "Последняя синхронизация")
    case .succeeded: Texts("Succeeded", es: "Correcta", ru: "Успешно")
    case .failed: Texts("Failed", es: "Fallida", ru: "Ошибка")
    case .licencesToLookAt:
      Texts(
        "Licences to look at",
        es: "Licencias que hay que revisar",
        ru: "Лицензии, на которые надо обратить внимание"
      )
    case .packages: Texts("Packages", es: "Paquetes", ru: "Пакеты")
    case .packageHead: Texts("Package", es: "Paquete", ru: "Пакет")
    case .asJSON: Texts("This as JSON", es: "Esta página en JSON", ru: "Эта страница в JSON")
    case .figures: Texts("Figures for Prometheus", es: "Cifras para Prometheus", ru: "Показатели для Prometheus")
    // Reports of licences
    case .noDocuments:
      Texts("No documents of licences.", es: "No hay documentos de licencias.", ru: "Документов о лицензиях нет.")
    case .madeFromExports:
      Texts(
        "Made by kscmirror from what the sites have exported. Days are counted in UTC.",
        es: "Generado por kscmirror a partir de lo que han exportado las sedes. Los días se cuentan en UTC.",
        ru: "Создано программой kscmirror по данным, которые передали площадки. Дни считаются по UTC."
      )
    case .siteHasNoLicences:
      Texts("The site has no licences.", es: "La sede no tiene licencias.", ru: "На площадке нет лицензий.")
    case .noLicences: Texts("No licences.", es: "No hay licencias.", ru: "Лицензий нет.")
    case .licence: Texts("Licence", es: "Licencia", ru: "Лицензия")
    case .state: Texts("State", es: "Estado", ru: "Состояние")
    case .timeLeft: Texts("Time left", es: "Restante", ru: "Осталось")
    case .devices: Texts("Devices", es: "Dispositivos", ru: "Устройства")
    case .overTime: Texts("Over time", es: "Evolución", ru: "Динамика")
    case .serial: Texts("Serial", es: "Serie", ru: "Номер")
    case .product: Texts("Product", es: "Producto", ru: "Продукт")
    case .type: Texts("Type", es: "Tipo", ru: "Тип")
    case .expires: Texts("Expires", es: "Caduca", ru: "Истекает")
    case .days: Texts("Days", es: "Días", ru: "Дней")
    case .daysLeft: Texts("Days left", es: "Días restantes", ru: "Осталось дней")
    case .limit: Texts("Limit", es: "Límite", ru: "Лимит")
    case .inUse: Texts("In use", es: "En uso", ru: "Занято")
    case .reserve: Texts("Reserve", es: "Reserva", ru: "Резерв")
    case .urgency: Texts("Urgency", es: "Urgencia", ru: "Срочность")
    case .fineUrgency: Texts("fine", es: "normal", ru: "норма")
    case .warningUrgency: Texts("warning", es: "aviso", ru: "внимание")
    case .criticalUrgency: Texts("critical", es: "crítica", ru: "срочно")
    case .productUnknown: Texts("product unknown", es: "producto desconocido", ru: "продукт неизвестен")
    case .withoutEnd: Texts("without end", es: "sin fecha de fin", ru: "бессрочно")
    case .never: Texts("never", es: "nunca", ru: "никогда")
    case .noEnd: Texts("no end", es: "sin fecha de fin", ru: "без срока")
    case .noLimit: Texts("no limit", es: "sin límite", ru: "без лимита")
    case .justEnded: Texts("just ended", es: "acaba de caducar", ru: "только что истекла")
    case .lastDay: Texts("last day", es: "último día", ru: "последний день")
    // States of a licence, and types of keys
    case .blocked: Texts("blocked", es: "bloqueada", ru: "заблокирована")
    case .expired: Texts("expired", es: "caducada", ru: "истекла")
    case .cancelled: Texts("cancelled", es: "cancelada", ru: "отменена")
    case .paused: Texts("subscription paused", es: "suscripción en pausa", ru: "подписка приостановлена")
    case .expiring: Texts("expiring", es: "caduca pronto", ru: "скоро истекает")
    case .exhausted: Texts("exhausted", es: "agotada", ru: "исчерпана")
    case .active: Texts("active", es: "en uso", ru: "используется")
    case .inReserve: Texts("reserve", es: "en reserva", ru: "в резерве")
    case .unused: Texts("unused", es: "sin usar", ru: "не используется")
    case .commercial: Texts("commercial", es: "comercial", ru: "коммерческая")
    case .beta: Texts("beta", es: "beta", ru: "бета")
    case .trial: Texts("trial", es: "de evaluación", ru: "пробная")
    case .test: Texts("test", es: "de prueba", ru: "тестовая")
    case .oem: Texts("OEM", es: "OEM", ru: "OEM")
    case .subscription: Texts("subscription", es: "suscripción", ru: "подписка")
    // The list of what a parcel holds
    case .parcel: Texts("Parcel", es: "Envío", ru: "Посылка")
    case .delivery: Texts("Delivery", es: "Entrega", ru: "Доставка")
    case .made: Texts("Made", es: "Creado", ru: "Создано")
    case .carries: Texts("Carries", es: "Lleva", ru: "Содержит")
    case .licenceKind: Texts("licence", es: "licencias", ru: "лицензии")
    case .ksnKind: Texts("ksn", es: "KSN", ru: "KSN")
    case .keysKind: Texts("keys", es: "claves", ru: "ключи")
    case .inShort: Texts("In short", es: "En resumen", ru: "Кратко")
    case .ksn: Texts("KSN", es: "KSN", ru: "KSN")
    case .bodiesOfKeysHead: Texts("Bodies of keys", es: "Claves completas", ru: "Ключи целиком")
    case .keysToInstall: Texts("Keys to install", es: "Claves para instalar", ru: "Ключи для установки")
    case .exchangeFolders: Texts("Exchange folders", es: "Carpetas de intercambio", ru: "Папки обмена")
    case .no: Texts("NO", es: "NO", ru: "НЕТ")
    case .yes: Texts("YES", es: "SÍ", ru: "ДА")
    case .bodiesOfKeys: Texts("bodies of keys", es: "claves completas", ru: "ключи целиком")
    case .serverAttributes: Texts("attributes of the server", es: "atributos del servidor", ru: "атрибуты сервера")
    case .exchangeFiles:
      Texts(
        "names and content of files of exchange folders",
        es: "nombres y contenido de archivos de carpetas de intercambio",
        ru: "имена и содержимое файлов из папок обмена"
      )
    case .statisticsNames:
      Texts("names of bodies of statistics", es: "nombres de cuerpos de estadísticas", ru: "имена блоков статистики")
    case .statisticsTexts: Texts("texts in these", es: "textos en ellos", ru: "тексты в них")
    case .otherFiles: Texts("other files", es: "otros archivos", ru: "прочие файлы")
    case .filesLeave:
      Texts(
        "These files leave as they are, by the names below.",
        es: "Estos archivos salen tal como son, con los nombres indicados abajo.",
        ru: "Эти файлы передаются как есть, под именами, указанными ниже."
      )
    case .noneByName: Texts("none of them by name", es: "ninguno por su nombre", ru: "без имён устройств")
    case .byName: Texts("BY NAME", es: "POR SU NOMBRE", ru: "С ИМЕНАМИ УСТРОЙСТВ")
    case .nothingLeftOut: Texts("Nothing was left out.", es: "No se ha omitido nada.", ru: "Ничего не исключено.")
    case .nothingElseLeftOut:
      Texts("Nothing else was left out.", es: "No se ha omitido nada más.", ru: "Больше ничего не исключено.")
    case .ownerInKey:
      Texts(
        "A key can hold the name of its owner.",
        es: "Una clave puede contener el nombre de su titular.",
        ru: "В ключе может быть имя его владельца."
      )
    case .whoOpensInstalls:
      Texts(
        "Anyone who can open this can install them. They are SECRETS.",
        es: "Quien pueda abrir esto puede instalarlas. Son SECRETAS.",
        ru: "Тот, кто сможет это открыть, сможет их установить. Это СЕКРЕТНЫЕ данные."
      )
    case .givesToDevices:
      Texts(
        "The server there is asked to give them to devices by itself.",
        es: "Se pide al servidor de allí que las distribuya a los dispositivos por sí mismo.",
        ru: "Сервер на месте получит указание распространять их на устройства автоматически."
      )
    // The label of a bundle
    case .what: Texts("What", es: "Qué es", ru: "Что это")
    case .full: Texts("full", es: "completo", ru: "полный")
    case .incremental: Texts("incremental", es: "incremental", ru: "дополняющий")
    case .anySite: Texts("any", es: "cualquiera", ru: "любая")
    case .madeBy: Texts("Made by", es: "Creado por", ru: "Создано")
    case .contentsList: Texts("Contents", es: "Contenido", ru: "Состав")
    case .key: Texts("Key", es: "Clave", ru: "Ключ")
    // The evidence of an import
    case .evidenceTitle: Texts("EVIDENCE OF AN IMPORT", es: "ACTA DE UNA IMPORTACIÓN", ru: "АКТ ОБ ИМПОРТЕ")
    case .when: Texts("When", es: "Cuándo", ru: "Когда")
    case .who: Texts("Who", es: "Quién", ru: "Кто")
    case .host: Texts("Where", es: "Dónde", ru: "Где")
    case .bundle: Texts("Bundle", es: "Lote", ru: "Комплект")
    case .forAnySite: Texts("any site", es: "cualquier sede", ru: "любой площадки")
    case .metadata: Texts("Metadata", es: "Metadatos", ru: "Метаданные")
    case .outcome: Texts("Outcome", es: "Resultado", ru: "Результат")
    case .newHead: Texts("New", es: "Nuevo", ru: "Новое")
    case .tree: Texts("Tree", es: "Árbol", ru: "Дерево")
    case .vendorSignatures: Texts("The vendor's signatures", es: "Firmas del fabricante", ru: "Подписи производителя")
    case .vendorOff:
      Texts(
        "not looked at (vendor_signatures = \"off\")",
        es: "no se han comprobado (vendor_signatures = \"off\")",
        ru: "не проверялись (vendor_signatures = \"off\")"
      )
    case .algorithms: Texts("Algorithms", es: "Algoritmos", ru: "Алгоритмы")
    case .volumeAlgorithm:
      Texts("volumes and files: SHA-256", es: "volúmenes y archivos: SHA-256", ru: "тома и файлы: SHA-256")
    case .vendorAlgorithm:
      Texts(
        "vendor: GOST R 34.10-2012 (256 bit), Streebog-256",
        es: "fabricante: GOST R 34.10-2012 (256 bits), Streebog-256",
        ru: "производитель: ГОСТ Р 34.10-2012 (256 бит), Стрибог-256"
      )
    case .journal: Texts("Journal", es: "Diario", ru: "Журнал")
    case .verifiedOutcome: Texts("verified", es: "verificado, sin cambios", ru: "проверено, без изменений")
    case .sameOutcome: Texts("same", es: "ya estaba aquí", ru: "уже было здесь")
    case .heldOutcome: Texts("held", es: "ya estaba aquí; retenido", ru: "уже было здесь; удержано")
    case .takenOutcome: Texts("taken", es: "importado, sin publicar", ru: "импортировано, не опубликовано")
    case .publishedOutcome: Texts("published", es: "importado y publicado", ru: "импортировано и опубликовано")
    }
  }
}
