/// The kinds of entry that the vendor's catalogue of products has: for each block `updates` the primary index that it
/// names and what it has besides, blocks joined by `; `. Behind `| `: what stands in the entry itself, as in old ones.
enum CatalogueShapes {
  static let all = [
    "u1313g component App Arch SysArch; updater component", "u1313g component App; updater component",
    "| u1313g component App Arch SysArch", "u1313g component App Arch OS; updater component",
    "| u1313g component App", "u1313g component App Arch OS SysArch; updater component",
    "| u1313g component App Arch OS SysArch", "um1313g component App", "| u1313g component",
    "u1313g component App OS; updater component OS", "u1313g component App Arch OS SysArch",
    "u1313g component; updater component", "| u0607g component",
    "u1313g component App; updater component; u1313g component App", "| component App Arch OS SysArch",
    "| u1313g component Arch Lang OS SysArch", "u1313g component App Arch; updater component", "| component Build",
    "u1313g component Arch OS; updater component", "u1313g component App; u1313g component App; updater component",
    "| component App Arch Lang OS SysArch", "u1313g component Arch; updater component",
    "| u1313g component App Lang", "| u1313g component App Arch Build SysArch", "| u1313g component App Arch",
    "| u1313g component App Arch OS", "u1313g component Arch OS SysArch; updater component",
    "| u1313g component Arch OS SysArch", "| u1313g component App Arch Lang OS SysArch",
    "um1313g component App Arch SysArch; u1313g component App Arch SysArch; updater component",
    "u1313g component App; u0607g component App", "u1313g component; u0607g component", "u1313g component App",
    "| u1313g component App Arch Lang SysArch",
  ]

  /// An entry that takes all of the tree.
  static let wholeProduct = "WholeProduct_1_0"

  /// Entries of all shapes, and one that takes everything.
  static func entries(all components: [String]) -> String {
    let shaped = all.enumerated().map { entry("ShapedProduct_\($0 + 1)", $1, ["KDB", "KINDS"]) }.joined()
    let whole = "u1313g component; um1313g component; u0607g component; updater component"
    return shaped + entry(wholeProduct, whole, components)
  }

  private static func entry(_ name: String, _ shape: String, _ components: [String]) -> String {
    let isDirect = shape.hasPrefix("| ")
    let blocks = shape.drop { $0 == "|" || $0 == " " }.split(separator: ";").map { block in
      let words = block.split(separator: " ").map(String.init)
      let tree = words.first { $0.hasPrefix("u") } ?? ""
      return words.map { element($0, tree, components) }.joined()
    }
    let inner = isDirect ? blocks.joined() : blocks.map { "<updates>\($0)</updates>" }.joined()
    return "<element><name>\(name)</name><version>1.0</version>\(inner)</element>"
  }

  private static func element(_ word: String, _ tree: String, _ components: [String]) -> String {
    switch word {
    case "component": "<component>\(names(components, in: tree).joined(separator: ";"))</component>"
    case "App": "<App>MADEUP 1.0.0.1</App>"
    case "Arch", "SysArch": "<\(word)>i386;x64</\(word)>"
    case "OS": "<OS>win</OS>"
    case "Lang": "<Lang>en</Lang>"
    case "Build": "<Build></Build>"
    case "updater": "<tree>updaters/updater.xml</tree>"
    default: "<tree>index/\(word).xml</tree>"
    }
  }

  /// The components that an entry names of a primary index.
  private static func names(_ components: [String], in tree: String) -> [String] {
    let mobile = ["APUM", "KDBAUR"]
    return switch tree {
    case "updater": ["SUPD", "RETR1901_SUPD"]
    case "um1313g": mobile + mobile.flatMap { ["RETR1901_\($0)", "RETRUM1901G_\($0)"] } + ["RETRUM1901G"]
    case "u1313g": components + ["RETR1901"] + components.map { "RETR1901_\($0)" }
    default: components
    }
  }
}
