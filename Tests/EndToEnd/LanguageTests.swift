import Foundation
import SystemPackage
import TestSupport
import Testing

/// What other people than the administrator read comes in the language of the configuration, or of an option; and who
/// takes it in does not depend on that.
@Suite struct LanguageTests {
  private static func text(_ file: FilePath) throws -> String {
    try String(contentsOfFile: file.string, encoding: .utf8)
  }

  private static func isCyrillic(_ text: String) -> Bool {
    text.unicodeScalars.contains { (0x400...0x4FF).contains($0.value) }
  }

  @Test func `labels and evidence are in the language asked for, and a bundle is taken whatever its label is in`()
    async throws
  {
    let world = try World(files: 24, meanSize: 400)
    try world.configure(rest: "language = \"ru\"")
    try world.configureIsolated("site = \"plant\"\nlanguage = \"es\"\n")
    try await world.sync()
    let refused = try await world.pack("--language", "español")
    #expect(refused.status == Exit.usage && refused.errors.contains("did you mean \"es\"?"), "\(refused.errors)")
    #expect(try await world.pack().status == 0)
    let russian = try Self.text(world.bundle(1).appending("LABEL.txt"))
    #expect(russian.hasPrefix("KSCMIRROR BUNDLE\n\nЧто это"), "\(russian)")
    #expect(russian.contains("антивирусные базы и обновления, полный комплект") && russian.contains("Площадка"))
    // What programs of every version look for, in each language.
    let digest = try Command.run("sha256sum", [world.bundle(1).appending("manifest-sha256.txt").string]).prefix(64)
    #expect(russian.contains("\(String(repeating: " ", count: 11))\(digest)\n") && russian.contains("\nSignature  "))
    let sheets = world.folder["evidence"]
    let imported = try await world.import("--evidence", sheets.string)
    #expect(imported.status == 0, "\(imported.errors)")
    let sheet = try #require(try World.files(below: sheets).first { $0.key.hasSuffix(".txt") }?.value)
    let spanish = String(decoding: sheet, as: UTF8.self)
    for words in ["ACTA DE UNA IMPORTACIÓN", "importado y publicado", "Firmas del fabricante", "SHA-256"] {
      #expect(spanish.contains(words), "\(words): \(spanish)")
    }
    let json = try #require(try World.files(below: sheets).first { $0.key.hasSuffix(".json") }?.value)
    #expect(String(decoding: json, as: UTF8.self).contains("\"outcome\" : \"published\""))

    // The signature is over the words too: a label in another language is another label.
    let other = try world.folder.subfolder("other")
    #expect(try await world.pack("--language", "es", to: other).status == 0)
    let label = other.appending("kscmirror-000001").appending("LABEL.txt")
    let packed = try Self.text(label)
    #expect(packed.contains("bases antivirus y actualizaciones") && !Self.isCyrillic(packed))
    try world.write(packed.replacing("bases antivirus", with: "antivirus bases"), to: label)
    let changed = try await world.import(from: other)
    #expect(changed.status != 0 && changed.errors.contains("LABEL.txt"), "\(changed.errors)")
  }

  @Test func `the list at the gate and the reports of licences are in the language, and what programs read is not`()
    async throws
  {
    let ground = try await LicenceGround(keys: 2)
    let world = ground.world
    let exported = try await ground.isolated("export", "--language", "ru", "--output", world.stick.string)
    #expect(exported.status == 0, "\(exported.errors)")
    let list = try Self.text(world.stick.appending("kscmirror-parcel-plant-000001").appending("CONTENTS.txt"))
    #expect(list.hasPrefix("Посылка") && list.contains("1 от площадки plant") && list.contains("2 лицензии"), "\(list)")
    #expect(list.contains("  licence/licences.jsonl\n"))
    #expect(try await ground.collect().status == 0)

    let reports = world.folder["reports"]
    let words = ["--report", reports.string, "--language", "es", "--csv-for", "excel"]
    let taken = try await ground.connected(["import"] + words)
    #expect(taken.status == 0 && taken.output.contains("2 licencias"), "\(taken.errors) \(taken.output)")
    let files = try World.files(below: reports)
    let page = String(decoding: files["plant.html"] ?? Data(), as: UTF8.self)
    #expect(page.contains("<html lang=\"es\">") && page.contains("Licencias de plant"))
    #expect(files["plant.csv"]?.starts(with: Data([0xEF, 0xBB, 0xBF]) + Data("Sede;Serie;".utf8)) == true)
    #expect(String(decoding: files["plant.txt"] ?? Data(), as: UTF8.self).contains("PRODUCTO"))

    let table = try await ground.connected("list", "--from", "plant", "--language", "ru", "--csv")
    #expect(table.output.hasPrefix("site,serial,product,"), "\(table.output)")
    let excel = try await ground.connected("list", "--from", "plant", "--language", "ru", "--csv-for", "excel")
    #expect(excel.output.contains("Площадка;Номер;"), "\(excel.output)")
    let json = try await ground.connected("list", "--from", "plant", "--language", "ru", "--json")
    #expect((json.result["summary"] as? String)?.hasPrefix("2 licences") == true && !Self.isCyrillic(json.output))
    let unknown = try await ground.connected("list", "--from", "plant", "--csv-for", "exel")
    #expect(unknown.status == Exit.usage && unknown.errors.contains("did you mean 'excel'?"), "\(unknown.errors)")
  }
}
