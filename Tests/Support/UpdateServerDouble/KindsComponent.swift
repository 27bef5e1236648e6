/// The component `KINDS`: every kind of element, attribute and column that the vendor's indexes have, as a table.
extension WholeTree {
  func writeKinds() throws {
    try writeOldKinds()
    try kinds("files/kinds-files", ["CompID": "KINDS", "LocalPath": "%BaseFolder%", "DiffsPath": "@ServerPath@/diffs"])
    {
      _ in Self.files
    }
    try kinds("blst/kinds-blst", ["CompID": "KINDS", "BlstDate": date, "BlstSolvePeriod": "31"]) { _ in
      [
        IndexElement("Exclude", ["App": "KES 21.2"]),
        IndexElement("Blsts", [:], columns: ["Name"], rows: [["bl0001.dat"], ["bl0002.dat"]]),
      ]
    }
    try kinds(
      "set/kinds-set",
      [
        "CompID": "KINDS", "App": "*", "OS": "*", "Arch": "a64", "SrvPath": "0", "Shell": "bdif;klz;none",
        "UpdateType": "base", "MaxConnectionCount": "10",
      ]
    ) { _ in [IndexElement("File", ["Name": "set.dat"]), IndexElement("File", ["SrvPath": "", "Name": "beside.dat"])] }
    let apps: KeyValuePairs<String, String> = ["CompID": "KINDS"]
    for name in ["single", "table", "app"] {
      try kinds("\(name)/kinds-\(name)", apps) { _ in [IndexElement("File", ["Name": "\(name)-daily.dat"])] }
    }
    try writeGenerations("kadsp/kinds/kinds-app", component: "KINDS", root: apps) { _ in
      [
        IndexElement(
          "File",
          ["KOSAppName": "ru.maker.client", "KOSAppVersion": "019594fa-3135", "Name": "Client.kpac"]
        )
      ]
    }
    try kinds("kinds-all", ["MaxDownloadSizeKb": "16"], indexes)
    try carry(
      "kinds-all-1901g.xml",
      in: Self.carrier,
      of: "updates/kinds",
      .update2,
      "RETR1901_KINDS",
      keys(of: .unsigned, component: "KINDS")
    )
    try writePatches()
  }

  private func kinds(
    _ stem: String,
    _ root: KeyValuePairs<String, String>,
    _ elements: (Generation) -> [IndexElement]
  ) throws {
    try writeGenerations("updates/kinds/\(stem)", component: "KINDS", root: root, elements)
  }

  /// It holds the signed index of the component for servers that pass updates on, as `RETR1901` does the signed root.
  private static let carrier = "retr1901-kinds-all-1313g.xml"

  /// All that names indexes.
  private func indexes(_ generation: Generation) -> [IndexElement] {
    let (end, own) = ("-\(generation.rawValue).xml", Self.components("KINDS", generation))
    let carrier = IndexElement(
      "Index",
      ["CompID": "RETR1901_KINDS", "SrvPath": "", "Name": Self.carrier, "Date": date]
    )
    return (generation == .unsigned ? [carrier] : []) + [
      IndexElement("Index", ["CompID": own, "SrvPath": "files", "Name": "kinds-files\(end)", "Date": date]),
      IndexElement("Index", ["CompID": own, "SrvPath": "blst", "Name": "kinds-blst\(end)", "Date": date]),
      IndexElement("Index", ["CompID": own, "SrvPath": "set", "Name": "kinds-set\(end)", "Date": date]),
      IndexElement(
        "Index",
        [
          "CompID": own, "App": "KAR 3", "Arch": "i386", "SysArch": "x64", "OS": "Win", "Target": "0",
          "SrvPath": "single", "Name": "kinds-single\(end)", "Date": date,
        ]
      ),
      IndexElement(
        "Indexes",
        ["CompID": own, "App": "!KSVLA|KSVLASVM", "Arch": "x64", "OS": "Win", "SrvPath": "table", "Date": date],
        columns: ["Arch", "Name"],
        rows: [["x64", "kinds-table\(end)"]]
      ),
      IndexElement(
        "Indexes",
        [:],
        columns: ["CompID", "App", "SrvPath", "Name", "Date"],
        rows: [[own, "KAV|KIS 21;KES 11", "app", "kinds-app\(end)", date]]
      ),
      IndexElement(
        "Indexes",
        ["CompID": own],
        columns: ["KOSAppName", "SrvPath", "Name"],
        rows: [["ru.maker.client", "../../kadsp/kinds", "kinds-app\(end)"]]
      ),
    ]
  }

  private static let files = [
    IndexElement(
      "File",
      [
        "App": "KES 21.2", "ApplyAction": "restart_service", "ApplyPeriod": "0", "Arch": "x64", "CompID": "KINDS",
        "CrashCount": "3", "CustomAction": "regsvr", "Date": "01112025 0007", "FailCount": "5",
        "GenericLang": "NOT(OR(#ru#, #fr#))", "KOSAppName": "ru.maker.client", "KOSAppVersion": "0195",
        "LocalPath": "%DataFolder%", "OS": "Win", "Shell": "xdif;klz;none", "Size": "@size", "SrvPath": "en",
        "SysArch": "x64", "Target": "[0-262143]", "Trusted": "true", "Updater": "7.0.36.0", "Version": "5.2.9.0",
        "Name": "single.dat",
      ]
    ),
    IndexElement("File", ["LocalPath": "%BaseFolder%\\Stat", "Name": "kinds.stt"], text: "MTsyMDI1DQo="),
    IndexElement(
      "Files",
      [
        "App": "KSH 9.3.*.*", "ApplyAction": "restart_none", "ApplyPeriod": "0", "Arch": "x64", "CompID": "KINDS",
        "CrashCount": "3", "FailCount": "5", "KOSAppName": "maker.gateway", "KOSAppVersion": "1.0",
        "LocalPath": "%BaseFolder%", "OS": "Win", "Platform": "kos.gateway", "Shell": "bdif;klz;none", "SrvPath": "emu",
        "SysArch": "x64", "Target": "[0-262143]", "Trusted": "true", "Version": "4.9.28.25",
      ],
      columns: ["Name"],
      rows: [["defaults.dat"], ["other~1.dat"]]
    ),
    IndexElement(
      "Files",
      ["SrvPath": "tools", "Name": "perfmon.dll"],
      columns: ["App", "OS"],
      rows: [["KES 21", "Win"], ["KAV|KIS 21;KES 11", "Win-7,8,81"]]
    ),
    IndexElement(
      "Files",
      [:],
      columns: [
        "App", "ApplyAction", "Arch", "CompID", "Date", "FixName", "KOSAppName", "KOSAppVersion", "Lang", "LocalPath",
        "OS", "Shell", "SrvPath", "SysArch", "Updater", "Version", "Name",
      ],
      rows: [
        [
          "KAV|KIS 21;KES 11", "restart_none", "i386", "KINDS", "01112025 0007", "a", "maker.gateway", "1.0", "ru",
          "%DataFolder%", "Win", "none", "columns", "x64", "7.1.33.0", "7.1.33.0", "columns.dat",
        ]
      ]
    ),
  ]

  /// Application patches, in folders of their own.
  private func writePatches() throws {
    let root: KeyValuePairs<String, String> = ["CompID": "KINDS", "Shell": "bdif;klz;none"]
    try writeGenerations("updates/bin/kinds/kinds", component: "KINDS", root: root) { _ in Self.patches }
    try writeGenerations(
      "updates/bin/kuuc/kuuc",
      component: "KINDS",
      root: ["CompID": "KINDS", "ShellAdd": "klz"]
    ) { _ in [IndexElement("File", ["Name": "updater.xml"])] }
    try writeGenerations("updates/bin/klp", component: "KINDS") { generation in
      ["kinds", "kuuc"].map {
        IndexElement(
          "Index",
          [
            "CompID": Self.components("KINDS", generation), "SrvPath": $0, "Name": "\($0)-\(generation.rawValue).xml",
            "Date": date,
          ]
        )
      }
    }
  }

  private static let patches = [
    IndexElement("File", ["FixName": "a", "Lang": "LangNone", "Patch": "none", "Name": "file.msp"]),
    IndexElement(
      "Patch",
      [
        "App": "!KISG 3", "ApplyAction": "restart_os", "ApplyPeriod": "0", "CompID": "KINDS", "CustomAction": "regupd",
        "FixName": "a", "KSCMode": "Off;OnPrem;B2B", "KSN": "1", "Lang": "ar", "LocalPath": "%DataFolder%", "OS": "win",
        "PackageID": "05C9CE07", "Patch": "none", "SrvPath": "single", "SysArch": "x64", "Target": "[0-78643]",
        "Name": "single.msp",
      ]
    ),
    IndexElement(
      "Patches",
      [
        "App": "KES 10.3.0.*", "ApplyAction": "restart_os", "ApplyPeriod": "0", "CompID": "KINDS",
        "CustomAction": "regupd", "FixName": "a", "KSCMode": "Off;OnPrem;B2B", "KSN": "1",
        "KBURL": "https://support.example/13463", "Lang": "ar", "LocalPath": "%DataFolder%", "OS": "Mac",
        "PackageID": "05C9CE07", "Platform": "MAKER-TN1", "SrvPath": "patch", "SysArch": "x64",
        "Target": "[0-262143]", "Name": "kinds.cab",
      ],
      columns: ["App"],
      rows: [["KES 10"]]
    ),
    IndexElement(
      "Patches",
      [:],
      columns: [
        "App", "ApplyAction", "ApplyPeriod", "Arch", "CompID", "CustomAction", "FixName", "KBURL", "Lang", "LocalPath",
        "OS", "PackageID", "SrvPath", "SysArch", "Name",
      ],
      rows: [
        [
          "KES 11", "restart_os", "0", "x64", "KINDS", "regupd", "b", "https://support.example/1", "ru", "%DataFolder%",
          "Win", "05C9CE07", "columns", "x64", "columns.msp",
        ]
      ]
    ),
    IndexElement("Param", ["CompID": "KINDS", "Key": "ForceInstallAnyDate", "Data": "1"]),
    IndexElement("Params", ["CompID": "KINDS"], columns: ["Key", "Data"], rows: [["ForceInstallAnyDate", "1"]]),
  ]

  // MARK: - The oldest generation

  /// What its primary index names of this component.
  var moreOld: String {
    ["bases", "AutoPatches"].map {
      IndexElement(
        "FileDescription",
        [
          "ComponentID": "KINDS", "UpdateType": "desc", "ServerFolder": "../\($0)/kinds",
          "Filename": "kinds-0607g.xml", "FileDate": date,
        ]
      ).rendered
    }.joined()
  }

  private func writeOldKinds() throws {
    let restricted: KeyValuePairs<String, String> = [
      "ComponentID": "KINDS", "UpdateType": "base", "App": "RD 10.*.*.*", "AppName": "KES 10.2.*.*",
      "GenericApp": "KES", "Arch": "x64", "SysArch": "x64", "OS": "Win", "Lang": "ar", "Target": "[0-262143]",
      "ReplaceMode": "suffix", "Shell": "bdif;klz;none", "SolvePeriod": "31", "CustomAction": "regupd",
      "ServerFolder": "ar", "LocalPath": "%DataFolder%", "FileSize": "@size", "FileDate": "01112025 0007",
      "Filename": "old.avz",
    ]
    let base: KeyValuePairs<String, String> = ["BlackDate": date, "SolvePeriod": "14"]
    let registry: KeyValuePairs<String, String> = [
      "ComponentID": "NULL", "UpdateType": "KLKEY", "LocalPath": "%DSKM%", "Body": "S0xyZwH6", "Sorted": "1",
      "Filename": "kinds-0607g.pbv",
    ]
    try write(
      "bases/kinds/old/kinds-1211g.xml",
      .updateFiles,
      type: "2=KINDS;3=BASE",
      root: base,
      [
        IndexElement("EOL", ["ComponentID": "KINDS", "App": "KAV 12.*.*.*"]),
        IndexElement("FileDescription", ["ComponentID": "KINDS", "UpdateType": "blst", "Filename": "black.lst"]),
      ]
    )
    try write(
      "bases/kinds/kinds-0607g.xml",
      .updateFiles,
      type: "2=KINDS;3=BASE",
      root: base,
      [
        IndexElement("FileDescription", restricted, text: "<LocLang Lang=\"ar\"/>"),
        IndexElement(
          "FileDescription",
          ["ComponentID": "KINDS", "UpdateType": "base", "Filename": "kinds.stt", "Body": "MTsyMDI1DQo="]
        ),
        IndexElement(
          "FileDescription",
          [
            "ComponentID": "KINDS", "UpdateType": "desc", "ServerFolder": "old", "Filename": "kinds-1211g.xml",
            "FileDate": date,
          ]
        ),
        IndexElement("Registry", registry),
      ]
    )
    try write(
      "AutoPatches/kinds/kinds-0607g.xml",
      .updateFiles,
      type: "2=KINDS;3=BASE",
      root: ["ApplyPeriod": "24"],
      [
        IndexElement(
          "FileDescription",
          [
            "ComponentID": "KINDS", "UpdateType": "executable", "ApplyPeriod": "24", "ApplyReaction": "restart_os",
            "FixName": "a", "Filename": "patch-a.msp",
          ]
        )
      ]
    )
  }
}
