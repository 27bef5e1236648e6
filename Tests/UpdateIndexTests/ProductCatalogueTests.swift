import MirrorTypes
import Testing
import UpdateIndex

/// A small catalogue with elements of the older and the newer form.
enum SyntheticCatalogue {
  static let text = """
    <?xml version="1.0" encoding="windows-1252"?>
    <main>
      <page>
        <group>
          <element>
            <name>SecurityForLinux_12_0</name>
            <version>12.0</version>
            <tree>index/u1313g.xml</tree>
            <component>KDB;EMU</component>
          </element>
          <element>
            <name>SecurityForLinux_12_1</name>
            <version>12.1</version>
            <updates>
              <tree>index/u1901g.xml</tree>
              <component>KDB;APU;</component>
              <App>KESL 12.1.0.*</App>
            </updates>
            <updates>
              <tree>index/u1313g.xml</tree>
              <component>OLD</component>
            </updates>
          </element>
          <element>
            <name>SecurityForLinux_120</name>
            <version>120</version>
            <tree>index/u0607g.xml</tree>
            <component>ODD</component>
          </element>
          <element>
            <name>Mobile</name>
            <version>1</version>
            <tree>index/um1313g.xml</tree>
            <component>KMSH2</component>
          </element>
          <element><version>nameless</version></element>
        </group>
      </page>
    </main>
    """
}

@Suite struct ProductCatalogueTests {
  private let catalogue: ProductCatalogue

  init() throws { catalogue = try ProductCatalogue(parsing: Array(SyntheticCatalogue.text.utf8)) }

  @Test func `elements of both forms are products`() {
    #expect(
      catalogue.products.map(\.name) == [
        "SecurityForLinux_12_0", "SecurityForLinux_12_1", "SecurityForLinux_120", "Mobile",
      ]
    )
    #expect(catalogue.products.map(\.version) == ["12.0", "12.1", "120", "1"])
    #expect(catalogue.products[1].trees.map(\.string) == ["index/u1901g.xml", "index/u1313g.xml"])
    #expect(catalogue.products[1].components == ["KDB", "APU", "OLD"])
    #expect(catalogue.products[0].trees.map(\.string) == ["index/u1313g.xml"])
    #expect(catalogue.products[0].components == ["KDB", "EMU"])
  }

  @Test func `a pattern matches parts of names without case, and a star stands for any text`() {
    func names(_ pattern: String) -> [String] { catalogue.matching(pattern).map(\.name) }
    #expect(names("linux_12_") == ["SecurityForLinux_12_0", "SecurityForLinux_12_1"])
    #expect(names("SECURITY*_1") == ["SecurityForLinux_12_0", "SecurityForLinux_12_1", "SecurityForLinux_120"])
    #expect(names("linux*security") == [])
    #expect(names("mobile") == ["Mobile"])
    #expect(names("").count == 4)
    #expect(names("*").count == 4)
    #expect(names("absent") == [])
  }

  @Test func `a name without its last numbers stands for the whole line, and for no other`() throws {
    let line = try catalogue.selection(for: ["securityforlinux_12"])
    #expect(line.primaries.map(\.string) == ["index/u1313g.xml", "index/u1901g.xml"])
    #expect(line.components == ["KDB", "EMU", "APU", "OLD"])
    let one = try catalogue.selection(for: ["SecurityForLinux_12_0", "Mobile"])
    #expect(one.primaries.map(\.string) == ["index/u1313g.xml", "index/um1313g.xml"])
    #expect(one.components == ["KDB", "EMU", "KMSH2"])
    #expect(try catalogue.selection(for: []).primaries.isEmpty)
  }

  @Test func `a name that fits none is reported`() throws {
    for name in ["SecurityForLinux_1", "Mobil", "", "SecurityForLinux_12_0_0"] {
      let error = #expect(throws: UnknownProduct.self) { try catalogue.selection(for: ["Mobile", name]) }
      #expect(error?.name == name)
      #expect(error?.known.count == 4)
      #expect(error?.description == "the vendor's catalogue has no product '\(name)'")
    }
  }

  @Test func `texts of windows-1252 are read as such`() throws {
    let bytes =
      Array("<?xml version='1.0' encoding='Windows-1252'?><element><name>a".utf8) + [0x80, 0xFC, 0x9F]
      + Array("</name></element>".utf8)
    #expect(try ProductCatalogue(parsing: bytes).products.map(\.name) == ["a€üŸ"])
  }

  @Test func `a catalogue that is malformed is refused with its line`() throws {
    func refusal(_ text: String) -> IndexError? {
      #expect(throws: IndexError.self) { try ProductCatalogue(parsing: Array(text.utf8)) }
    }
    let cut = refusal("<main>\n<element>")
    #expect(cut?.problem == .notWellFormed("no element found"))
    #expect(cut?.line == 2)
    #expect(cut?.index.string == "updates/bin/kuuc/updater.xml")
    #expect(refusal("\n<!DOCTYPE main>\n<main/>")?.problem == .documentType)
    #expect(refusal("\n<!DOCTYPE main>\n<main/>")?.line == 2)
    #expect(refusal("<main>&x;</main>")?.problem == .notWellFormed("undefined entity"))
    #expect(refusal(String(repeating: "<a>", count: 33))?.problem == .tooMuch("elements inside one another", limit: 32))
    var limits = IndexLimits()
    limits.bytes = 10
    #expect(throws: IndexError(index: ProductCatalogue.path, problem: .tooMuch("bytes", limit: 10))) {
      try ProductCatalogue(parsing: Array(SyntheticCatalogue.text.utf8), limits: limits)
    }
  }

  @Test func `a tree outside the root is refused as an attack, with its line`() throws {
    let text = "<main><element>\n<name>a</name>\n<tree>../../etc</tree></element></main>"
    let error = #expect(throws: IndexError.self) { try ProductCatalogue(parsing: Array(text.utf8)) }
    #expect(error?.problem == .badPath("../../etc", .leavesRoot))
    #expect(error?.line == 3)
    #expect(error?.isHostile == true)
  }
}
