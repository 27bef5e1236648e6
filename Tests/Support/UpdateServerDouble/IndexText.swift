import Foundation
import VendorSignatures

/// One file that an index names.
struct NamedFile {
  var folder: String
  var name: String
  var dskm2: String
}

/// Writes indexes as the vendor does, in all three generations (FORMAT.md, sections 1 and 2).
enum IndexText {
  /// A component's index, as its parent names it.
  struct Child {
    var component: String
    var folder: String
    var name: String
    var date: String
    /// The applications that it is restricted to; empty: none.
    var applications = ""
    /// Whether it is named for servers that pass updates on as well, under the other generation's component.
    var isPassedOn = false

    /// The components that it is named for.
    var components: String { isPassedOn ? "\(component),RETR1901_\(component)" : component }
  }

  /// A primary index of generation 0607g.
  ///
  /// - Parameter more: more elements.
  static func updateFiles(date: String, children: [Child], more: String = "") -> [UInt8] {
    let entries = children.map {
      entry([
        "ComponentID": $0.component, "UpdateType": "desc", "ServerFolder": "../\($0.folder)", "Filename": $0.name,
        "FileDate": $0.date,
      ])
    }
    return signed(updateFilesRoot(date, "2=Core;3=BIN", entries + [more]))
  }

  /// A component's index of generation 0607g.
  static func updateFiles(date: String, component: String, files: [NamedFile]) -> [UInt8] {
    var entries = [
      entry(["ComponentID": component, "UpdateType": "base", "Filename": "\(component).stt", "Body": "MTsyMDI1DQo="])
    ]
    for file in files {
      var fields = ["ComponentID": component, "UpdateType": "base", "Filename": file.name]
      if !file.folder.isEmpty { fields["ServerFolder"] = file.folder }
      entries.append(entry(fields))
    }
    return signed(updateFilesRoot(date, "2=\(component);3=BASE", entries))
  }

  private static func updateFilesRoot(_ date: String, _ type: String, _ entries: [String]) -> String {
    "<UpdateFiles\r\n\tUpdateDate=\"\(date)\"\r\n\tObjectType=\"\(type)\">\r\n" + entries.joined()
      + "</UpdateFiles>\r\n"
  }

  private static func entry(_ fields: [String: String]) -> String {
    let attributes = fields.sorted { $0.key < $1.key }.map { "\r\n\t\t\($0.key)=\"\($0.value)\"" }.joined()
    return "\t<FileDescription\(attributes) />\r\n"
  }

  /// A primary index of generation 1313g (`"2.0"`) or 1901g (`"3.0"`).
  ///
  /// - Parameters:
  ///   - carrier: the index that carries the signed sibling of this one, if it names one.
  ///   - more: more elements.
  static func update(
    format: String,
    date: String,
    children: [Child],
    carrier: String? = nil,
    more: String = "",
    signer: IndexSigner
  ) throws -> [UInt8] {
    func table(_ children: [Child], _ attributes: String = "") -> String {
      let rows = children.map { "\t\t\t\($0.components)|../\($0.folder)|\($0.name)|\($0.date)" }
      return
        "\t<Indexes\(attributes)\r\n\t\tItem=\"CompID;SrvPath;Name;Date\"\r\n\t\tList=\"\r\n\(rows.joined(separator: ";\r\n"))\"/>\r\n"
    }
    // Those of one application stand in an element of their own, as in the vendor's.
    let body =
      table(children.filter(\.applications.isEmpty))
      + children.filter { !$0.applications.isEmpty }.map { table([$0], "\r\n\t\tApp=\"\($0.applications)\"") }.joined()
      + (carrier.map { "\t<Index\r\n\t\tCompID=\"RETR1901\"\r\n\t\tName=\"\($0)\"\r\n\t\tDate=\"\(date)\"/>\r\n" } ?? "")
      + more
    let text = root(format, date, "ObjectType=\"2=Core;3=BIN\"", body)
    return try format == "2.0" ? signed(text) : signer.sign(unsigned(text), "2=Core;3=BIN")
  }

  /// An index that carries a primary one of another generation inside itself, as servers that pass updates on unpack it.
  static func carrier(of name: String, _ bytes: [UInt8], component: String, date: String) -> [UInt8] {
    let text = Data(bytes).base64EncodedString()
    let body =
      "\t<File\r\n\t\tCompID=\"\(component)\"\r\n\t\tName=\"\(name)\"\r\n\t\tDate=\"\(date)\">\(text)</File>\r\n"
    return signed(root("2.0", date, "ObjectType=\"2=Core;3=BIN\"", body))
  }

  /// A component's index of generation 1313g or 1901g. Every tenth file has a filter, with both escapes of a table.
  static func update(
    format: String,
    date: String,
    component: String,
    files: [NamedFile],
    children: [Child] = [],
    sibling: String? = nil,
    signer: IndexSigner
  ) throws -> [UInt8] {
    let digest = format == "2.0" ? "DSKM" : "DSKM2"
    let rows = files.enumerated().map { number, file in
      let application = number % 10 == 3 ? #"KAV\\|KIS 21\;KES 11"# : ""
      // What DSKM is made of is not known; here it is anything of its form.
      let value = format == "2.0" ? String(file.dskm2.reversed().filter { $0 != "=" }) + "=" : file.dskm2
      return "\t\t\t\(application)|\(file.folder)|\(file.name)|\(value)"
    }
    var body =
      "\t<File\r\n\t\tLocalPath=\"%BaseFolder%\\Stat\"\r\n\t\tName=\"\(component.lowercased()).stt\">MTsyMDI1DQo=</File>\r\n"
    for child in children {
      body +=
        "\t<Index\r\n\t\tCompID=\"\(child.components)\"\r\n\t\tSrvPath=\"\(child.folder)\"\r\n\t\tName=\"\(child.name)\"\r\n\t\tDate=\"\(child.date)\"/>\r\n"
    }
    if !rows.isEmpty {
      body +=
        "\t<Files\r\n\t\tItem=\"App;SrvPath;Name;\(digest)\"\r\n\t\tList=\"\r\n\(rows.joined(separator: ";\r\n"))\"/>\r\n"
    }
    if let sibling {
      body += "\t<File\r\n\t\tCompID=\"RETR1901_\(component)\"\r\n\t\tName=\"\(sibling)\"/>\r\n"
    }
    let type = "ObjectType=\"2=\(component);3=BASE\"\r\n\tCompID=\"\(component)\""
    let text = root(format, date, type, body)
    return try format == "2.0" ? signed(text) : signer.sign(unsigned(text), "2=\(component);3=BASE")
  }

  private static func root(_ format: String, _ date: String, _ type: String, _ body: String) -> String {
    "<Update\r\n\tDate=\"\(date)\"\r\n\t\(type)\r\n\tFormat=\"\(format)\"\r\n\tMaxConnectionCount=\"10\"\r\n\t>\r\n\(body)</Update>\r\n"
  }

  /// Puts a line behind the end tag that looks like the vendor's old signature.
  private static func signed(_ text: String) -> [UInt8] {
    Array((text + ";:10aPl5TAkDP91NkdNCLUjaLGNT%%").utf8)
  }

  /// Puts a line behind the end tag that looks like the vendor's signature of the new generation that nobody can check.
  private static func unsigned(_ text: String) -> [UInt8] { Array((text + ":!28401Gq0yJ%%").utf8) }
}

/// Signs one index of the new generation.
struct IndexSigner {
  let signer: VendorSigner
  let name: String
  let time: Int64

  func sign(_ index: [UInt8], _ objectType: String) throws -> [UInt8] {
    try signer.sign(index, name: name, objectType: objectType, time: time)
  }
}
