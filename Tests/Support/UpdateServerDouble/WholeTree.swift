import Foundation
import SystemPackage
import VendorSignatures

/// What a real tree has besides components of databases: the indexes for mobile devices, the meta indexes, the updaters,
/// and one component that holds every kind of element, attribute and column that the real trees have.
struct WholeTree {
  let folder: FilePath
  let signer: VendorSigner
  let date: String
  /// The day's second that its indexes are signed in.
  let time: Int64
  let day: Int

  /// A generation of indexes that describe the same payload.
  enum Generation: String, CaseIterable {
    // The signed one first: the others name it.
    case signed = "1901g", unsigned = "1313g", meta

    var form: IndexForm {
      switch self {
      case .signed: .update3
      case .unsigned: .update2
      case .meta: .meta
      }
    }
  }

  // MARK: - Writing

  /// Writes an index, and of what it names that which is not there yet.
  func write(
    _ path: String,
    _ form: IndexForm,
    type: String,
    root: KeyValuePairs<String, String> = [:],
    _ elements: [IndexElement]
  ) throws {
    let folderOfRoot = root.first { $0.key == "SrvPath" }?.value ?? ""
    let body = try elements.map { try withDigests($0, path, folderOfRoot, form).rendered }.joined()
    let name = String(path.split(separator: "/").last ?? "")
    let own = root.map { ($0.key, $0.value) }
    guard form != .updateFiles else {
      let text = Self.element("UpdateFiles", [("UpdateDate", date), ("ObjectType", type)] + own, body)
      return try put(Array((text + ";:10aPl5TAkDP91NkdNCLUjaLGNT%%").utf8), path)
    }
    var text = Self.element("Update", [("Date", date), ("ObjectType", type), ("Format", form.format)] + own, body)
    if form != .update3 { text += ";:10aPl5TAkDP91NkdNCLUjaLGNT%%" }
    if form == .update2 { return try put(Array(text.utf8), path) }
    text += (form == .update3 ? "" : "\r\n") + ":!28401Gq0yJ%%"
    try put(signer.sign(Array(text.utf8), name: name, objectType: type, time: time), path)
  }

  /// Writes an index in all generations; the older ones name their siblings for servers that pass updates on.
  func writeGenerations(
    _ stem: String,
    component: String,
    mobile: Bool = false,
    root: KeyValuePairs<String, String> = [:],
    _ elements: (Generation) -> [IndexElement]
  ) throws {
    let name = String(stem.split(separator: "/").last ?? "")
    for generation in Generation.allCases {
      let others = Generation.allCases.prefix { $0 != generation }.map { other in
        IndexElement(
          "File",
          [
            "CompID": Self.passing(component, other, mobile: mobile).joined(separator: ","),
            "LocalPath": "%DataFolder%", "Name": "\(name)-\(other.rawValue).xml",
          ]
        )
      }
      let elements = elements(generation) + others + keys(of: generation, component: component)
      try write(
        "\(stem)-\(generation.rawValue).xml",
        generation.form,
        type: "2=\(component);3=BASE",
        root: root,
        elements
      )
    }
  }

  /// Inline keys, as each index has them.
  func keys(of generation: Generation, component: String) -> [IndexElement] {
    let old = IndexElement("Key", Self.key("\(component.lowercased())-1313g.pbv"), text: "S0xyZwH6")
    let new = IndexElement("Key2", Self.key("\(component.lowercased())-1901g.pbv"), text: "S0xyZwL6")
    return generation == .unsigned ? [old] : generation == .signed ? [new] : [old, new]
  }

  private static func key(_ name: String) -> KeyValuePairs<String, String> {
    ["CompID": "NULL", "LocalPath": "%DSKM%", "Name": name]
  }

  /// The components under which servers that pass updates on find another generation of a component's indexes.
  private static func passing(_ component: String, _ generation: Generation, mobile: Bool) -> [String] {
    let number = generation == .unsigned ? "1313" : "1901"
    return (mobile ? ["RETRUM\(number)G_\(component)"] : []) + ["RETR\(number)_\(component)"]
  }

  /// The components under which a generation names another index of it.
  static func components(_ component: String, _ generation: Generation, mobile: Bool = false) -> String {
    let others: [Generation] =
      switch generation {
      case .signed: []
      case .unsigned: [.signed]
      case .meta: [.unsigned, .signed]
      }
    return ([component] + others.flatMap { passing(component, $0, mobile: mobile) }).joined(separator: ",")
  }

  private static func element(_ name: String, _ attributes: [(String, String)], _ body: String) -> String {
    "<\(name)" + attributes.map { "\r\n\t\($0.0)=\"\($0.1)\"" }.joined() + ">\r\n\(body)</\(name)>\r\n"
  }

  // MARK: - Payload

  private func withDigests(
    _ element: IndexElement,
    _ index: String,
    _ folderOfRoot: String,
    _ form: IndexForm
  ) throws -> IndexElement {
    let base = index.split(separator: "/").dropLast().joined(separator: "/")
    let paths = element.files.map { file in
      [base, file.folder ?? folderOfRoot, file.name].filter { !$0.isEmpty }.joined(separator: "/")
    }
    for path in paths { try makePayload(path) }
    var element = element
    if let position = element.attributes.firstIndex(where: { $0.value == "@size" }), let path = paths.first {
      element.attributes[position].value = "\(try bytes(path).count)"
    }
    guard !paths.isEmpty else { return element }
    for kind in form.digests {
      if element.columns.contains("Name") {
        element.columns.append(kind)
        for row in element.rows.indices { element.rows[row].append(try digest(paths[row], kind)) }
      } else {
        element.attributes.append((kind, try digest(paths[0], kind)))
      }
    }
    return element
  }

  private func digest(_ path: String, _ kind: String) throws -> String {
    let name = String(path.split(separator: "/").last ?? "")
    let place = folder.pushing(FilePath(path))
    let digest = Data(try DSKM2.digest(ofFile: place, name: name)).base64EncodedString()
    // What DSKM is made of is not known; here it is anything of its form.
    return kind == "DSKM2" ? digest : String(digest.reversed().filter { $0 != "=" }) + "="
  }

  /// Makes a file that an index names, unless it is there; some are new each day.
  private func makePayload(_ path: String) throws {
    let isDaily = path.hasSuffix("daily.dat")
    guard isDaily || !FileManager.default.fileExists(atPath: folder.pushing(FilePath(path)).string) else { return }
    let line = "\(path) \(isDaily ? day : 0)\n"
    try put(Array(String(repeating: line, count: 5 + path.utf8.count % 40).utf8), path)
  }

  func bytes(_ path: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: URL(fileURLWithPath: folder.pushing(FilePath(path)).string)))
  }

  private func put(_ bytes: [UInt8], _ path: String) throws {
    try UpdateTree.write(bytes, to: folder.pushing(FilePath(path)))
  }
}

// MARK: - Mobile devices, updaters, meta indexes

extension WholeTree {
  private static let core = "2=Core;3=BIN"

  /// Writes all but the primary indexes that ``UpdateTree`` writes, and what describes those.
  func write() throws {
    try writeMobile()
    try writeUpdaters()
    try writeKinds()
  }

  private func index(_ components: String, _ folder: String?, _ name: String) -> IndexElement {
    var element = IndexElement("Index", ["CompID": components])
    if let folder { element.attributes.append(("SrvPath", folder)) }
    element.attributes += [("Name", name), ("Date", date)]
    return element
  }

  private static let mobile = ["APUM", "KDBAUR"]

  private func writeMobile() throws {
    try writeGenerations("mobile/apum/apum", component: "APUM", mobile: true, root: ["CompID": "APUM"]) { _ in
      [IndexElement("Files", [:], columns: ["Name"], rows: [["smm.dat"], ["smm-daily.dat"]])]
    }
    try writeGenerations("mobile/kdbaur/arm/kdbaur-arm", component: "KDBAUR", mobile: true, root: ["CompID": "KDBAUR"])
    {
      _ in [IndexElement("File", ["Arch": "arm", "Name": "kdbaur.kdc"])]
    }
    try writeGenerations("mobile/kdbaur/kdbaur-all", component: "KDBAUR", mobile: true) { generation in
      [index(Self.components("KDBAUR", generation, mobile: true), "arm", "kdbaur-arm-\(generation.rawValue).xml")]
    }
    func children(_ generation: Generation) -> [IndexElement] {
      let names = [("apum", "apum"), ("kdbaur", "kdbaur-all")]
      let rows = zip(Self.mobile, names).map { component, name in
        [
          Self.components(component, generation, mobile: true), "../mobile/\(name.0)",
          "\(name.1)-\(generation.rawValue).xml", date,
        ]
      }
      return [IndexElement("Indexes", [:], columns: ["CompID", "SrvPath", "Name", "Date"], rows: rows)]
    }
    func keys(_ generation: Generation) -> [IndexElement] { self.keys(of: generation, component: "Core-Bin") }
    let signed = (Self.mobile.map { "RETR1901_\($0)" } + ["RETRUM1901G"]).joined(separator: ",")
    let unsigned = "RETR1313,RETRUM1313G"
    try write("index/um1901g.xml", .update3, type: Self.core, children(.signed) + keys(.signed))
    try carry("um1901g.xml", in: "retr1901-um1313g.xml", .update2, signed, keys(.unsigned))
    let carrier = index(signed, nil, "retr1901-um1313g.xml")
    try write("index/um1313g.xml", .update2, type: Self.core, children(.unsigned) + [carrier] + keys(.unsigned))
    try carry("um1313g.xml", in: "retr1313-ummeta.xml", .meta, unsigned, keys(.meta))
    try carry("um1901g.xml", in: "retr1901-ummeta.xml", .meta, signed, keys(.meta))
    try carry("retr1901-um1313g.xml", in: "meta-ummeta.xml", .meta, unsigned, keys(.meta))
    let carriers = [
      index(unsigned, nil, "retr1313-ummeta.xml"), index(signed, nil, "retr1901-ummeta.xml"),
      index(unsigned, nil, "meta-ummeta.xml"),
    ]
    try write("index/ummeta.xml", .meta, type: Self.core, children(.meta) + carriers + keys(.meta))
  }

  /// Writes an index that carries another one inside itself.
  func carry(
    _ name: String,
    in carrier: String,
    of folder: String = "index",
    _ form: IndexForm,
    _ components: String,
    _ keys: [IndexElement]
  ) throws {
    let text = Data(try bytes("\(folder)/\(name)")).base64EncodedString()
    let file = IndexElement("File", ["CompID": components, "Name": name, "Date": date], text: text)
    try write("\(folder)/\(carrier)", form, type: Self.core, root: ["MaxConnectionCount": "10"], [file] + keys)
  }

  /// Writes the meta index beside the two primary ones, and the siblings that it names of components.
  ///
  /// - Parameter components: the components, each with its files' paths.
  func writeMeta(_ components: [(name: String, files: [String])]) throws {
    var children = [index(Self.components("KINDS", .meta), "../updates/kinds", "kinds-all-meta.xml")]
    for (component, files) in components {
      let name = component.lowercased()
      let top = "updates/\(name)/"
      var (outer, inner): ([[String]], [[String]]) = ([], [])
      for file in files where file.hasPrefix(top) {
        let parts = file.dropFirst(top.count).split(separator: "/").map(String.init)
        if parts.first == "x64" {
          inner.append(["", parts[1]])
        } else {
          outer.append([parts.dropLast().joined(separator: "/"), parts[parts.count - 1]])
        }
      }
      try writeMetaSibling("\(top)\(name)", component, outer, hasInner: !inner.isEmpty)
      if !inner.isEmpty { try writeMetaSibling("\(top)x64/\(name)-x64", component, inner, hasInner: false) }
      children.append(index(Self.components(component, .meta), "../updates/\(name)", "\(name)-meta.xml"))
    }
    let keys = keys(of: .meta, component: "Core-Bin")
    try carry("u1313g.xml", in: "retr1313-umeta.xml", .meta, "RETR1313", keys)
    try carry("u1901g.xml", in: "retr1901-umeta.xml", .meta, "RETR1901", keys)
    try carry("retr1901-u1313g.xml", in: "meta-umeta.xml", .meta, "RETR1313", keys)
    children += [
      index("RETR1313", nil, "retr1313-umeta.xml"), index("RETR1901", nil, "retr1901-umeta.xml"),
      index("RETR1313", nil, "meta-umeta.xml"),
      index(Self.mobile.map { "RETR1901_\($0)" }.joined(separator: ","), nil, "ummeta.xml"), patches(.meta),
    ]
    try write("index/umeta.xml", .meta, type: Self.core, root: ["MaxConnectionCount": "10"], children + keys)
  }

  private func writeMetaSibling(_ stem: String, _ component: String, _ rows: [[String]], hasInner: Bool) throws {
    let name = String(stem.split(separator: "/").last ?? "")
    var elements = [IndexElement("Files", [:], columns: ["SrvPath", "Name"], rows: rows)]
    if hasInner { elements.append(index(Self.components(component, .meta), "x64", "\(name)-x64-meta.xml")) }
    for generation in [Generation.unsigned, .signed] {
      let passing = Self.passing(component, generation, mobile: false)[0]
      elements.append(IndexElement("File", ["CompID": passing, "Name": "\(name)-\(generation.rawValue).xml"]))
    }
    let root: KeyValuePairs<String, String> = ["CompID": component]
    try write("\(stem)-meta.xml", .meta, type: "2=\(component);3=BASE", root: root, elements)
  }

  private func patches(_ generation: Generation) -> IndexElement {
    let name = "klp-\(generation.rawValue).xml"
    return IndexElement(
      "Indexes",
      ["SrvPath": "../updates/bin"],
      columns: ["CompID", "Name", "Date"],
      rows: [[Self.components("KINDS", generation), name, date]]
    )
  }

  /// What the primary index of a generation names besides the components of databases.
  func more(_ generation: Generation) -> String {
    let devices = (Self.mobile.map { "RETR1901_\($0)" }).joined(separator: ",")
    let elements = [
      index(Self.components("KINDS", generation), "../updates/kinds", "kinds-all-\(generation.rawValue).xml"),
      patches(generation), index(devices, nil, "um\(generation.rawValue).xml"),
    ]
    return (elements + keys(of: generation, component: "Core-Bin")).map(\.rendered).joined()
  }

  private func writeUpdaters() throws {
    let root: KeyValuePairs<String, String> = ["CompID": "SUPD", "LocalPath": "%SupdF%", "MaxDownloadSizeKb": "10"]
    func updater(_ version: String) -> KeyValuePairs<String, String> {
      [
        "Updater": "4.10.34.9;7.0.36.0", "Trusted": "true", "Version": version, "App": "KES 21.[2-9]", "OS": "Win",
        "Arch": "i386", "CrashCount": "3", "FailCount": "5", "SrvPath": "win/i386", "Shell": "bdif;klz;none",
        "Name": "updater.kdl",
      ]
    }
    for version in ["5.2.9.0", "7.1.34.0"] {
      let path = "updaters/\(version)/\(version)-updater.xml"
      let file = IndexElement("File", updater(version))
      try write(path, .updater, type: "2=SUPD;3=BASE", root: root, [file] + keys(of: .meta, component: "SUPD"))
    }
    let table = IndexElement(
      "Files",
      ["Version": "4.9.28.25", "Trusted": "true", "CrashCount": "3", "FailCount": "5"],
      columns: ["Updater", "Version", "OS", "SrvPath", "Name"],
      rows: [["4.9.28.25", "4.9.28.25", "Win", "4.9.28.25/win", "updater.kdl"]]
    )
    let updaters = "updaters/v0-updater.xml"
    try write(updaters, .updater, type: "2=SUPD;3=BASE", root: root, [table] + keys(of: .meta, component: "SUPD"))
    let elements = [
      IndexElement("File", ["App": "SNOWFLAKE 1.0.0.1", "Name": "dummy.txt"]),
      IndexElement("File", ["CompID": "RETR1901_SUPD", "Name": "readme.txt"]),
      IndexElement("Index", ["App": "KES 10.2", "Name": "v0-updater.xml", "Date": date]),
      IndexElement("Index", ["App": "KES 11.1", "SrvPath": "5.2.9.0", "Name": "5.2.9.0-updater.xml", "Date": date]),
      IndexElement("Index", ["App": "KES 21.7", "SrvPath": "7.1.34.0", "Name": "7.1.34.0-updater.xml", "Date": date]),
    ]
    let all = elements + keys(of: .meta, component: "SUPD")
    try write("updaters/updater.xml", .updater, type: "2=SUPD;3=BASE", root: root, all)
  }
}
