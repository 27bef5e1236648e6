import DocumentFixtures
import Languages
import MirrorTypes
import SiteDocuments
import Testing

/// The list at the gate says the same in each language.
@Suite struct LanguageTests {
  /// Documents of all kinds, with something of everything that the list has a sentence for.
  private static func list(_ language: Language) throws -> String {
    var document = Fixture.document
    document.keys[0][.customerInfo] = .text("ACME")
    document.keys[0][.partner] = .text("ACME")
    var bodies = LicenceBodies()
    bodies["1234-567890-ABCDEF01"] = LicenceBody(Array("a key".utf8))
    return try words(
      [
        "licence/licences.jsonl": Fixture.bytes(document),
        "keys/\(LicenceBodies.fileName)": bodies.serializedWithSecrets(),
        "exchange/papers/a": [1, 2, 3], "other/thing": [1],
      ],
      in: language
    )
  }

  /// The numbers of a text, in their order in each line's sentence.
  private static func numbers(_ text: String) -> [String] {
    text.replacing("\u{A0}", with: "").matches(of: /\d+/).map { String($0.output) }.sorted()
  }

  @Test func `each line is translated, none is too wide, and all numbers are the same`() throws {
    let english = try Self.list(.english)
    #expect(english.contains("YES: customer (1),") && english.contains("3 entries of devices"), "\(english)")
    for language in [Language.spanish, .russian] {
      let list = try Self.list(language)
      #expect(Self.numbers(list) == Self.numbers(english), "\(list)")
      let lines = list.split(separator: "\n")
      #expect(lines.allSatisfy { $0.count <= 80 }, "\(list)")
      #expect(Set(lines).isDisjoint(with: english.split(separator: "\n")), "\(list)")
    }
  }

  @Test func `what leaves is named in plain words of the language`() throws {
    let spanish = try Self.list(.spanish)
    for words in [
      "En resumen", "cliente (1),", "socio (1)", "; SIN COMPROBAR: nombres y contenido",
      "Nombres de dispositivos: SÍ (3)", "3 licencias",
      "3 entradas de dispositivos", "POR SU NOMBRE", "2 archivos de clave", "1 clave completa.",
      "No se ha omitido nada.",
      "Carpeta de intercambio papers: 1 archivo, 3 bytes.",
    ] {
      #expect(
        spanish.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(words),
        "\(words): \(spanish)"
      )
    }
    let russian = try Self.list(.russian)
    for words in [
      "Кратко", "заказчик (1),", "партнёр (1),", "; НЕ ПРОВЕРЕНО: имена и содержимое", "Имена устройств: ДА (3)",
      "3 лицензии", "3 записи об устройствах",
      "2 файла ключей", "1 ключ целиком.", "Ничего не исключено.", "Папка обмена papers: 1 файл, 3 байта.",
    ] {
      #expect(
        russian.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(words),
        "\(words): \(russian)"
      )
    }
  }
}
