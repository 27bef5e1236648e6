extension Flow {
  /// The flows by the vendor's list of ports ("Ports used by Kaspersky Security Center", versions 13.2 to 15), then those
  /// into the internet. Ports are defaults: an administrator may have changed them.
  static let all = serverFlows + consoleFlows + mobileFlows + dataFlows + internetFlows

  private static let serverFlows = [
    Flow(
      "agents",
      13000,
      .tcp,
      "Network Agents, secondary servers, gateways: connect with TLS",
      isolated: .inside("Allow it from all managed devices to the server."),
      dmz: .gateway("Allow it from the server to the gateway, and from devices to the gateway.")
    ),
    Flow(
      "agents-off",
      13000,
      .udp,
      "Network Agents: tell that a device is switched off",
      isolated: .inside("Allow it from all managed devices to the server."),
      dmz: .gateway("Only devices inside reach it; those at the gateway do without.")
    ),
    Flow(
      "agents-open",
      14000,
      .tcp,
      "old Network Agents: connect without TLS",
      isolated: .inside("Close it, unless an agent still needs it.")
    ),
    Flow(
      "wake",
      15000,
      .udp,
      at: .device,
      "the server: asks Network Agents to connect at once",
      isolated: .inside("Allow it from the server to all managed devices."),
      dmz: .impossible("Not through a gateway: agents there connect at their interval, or stay connected.")
    ),
    Flow(
      "web-server",
      8060,
      .tcp,
      "devices: fetch stand-alone packages and public/, open",
      isolated: .inside("Prefer 8061; packages come by 'kscmirror package publish'.")
    ),
    Flow(
      "web-server-tls",
      8061,
      .tcp,
      "devices: fetch stand-alone packages and public/, with TLS",
      isolated: .inside("Allow it from devices; packages come by 'kscmirror package publish'."),
      dmz: .inside("Devices at the gateway do not reach it: hand packages to them in another way.")
    ),
  ]

  private static let consoleFlows = [
    Flow(
      "console",
      13291,
      .tcp,
      "Administration Console (MMC)",
      isolated: .inside("Allow it from administrators' computers only.")
    ),
    Flow(
      "open-api",
      13299,
      .tcp,
      "Web Console, Open API, kscmirror: [administration_server]",
      isolated: .inside("Allow it from the Web Console and from kscmirror's host.")
    ),
    Flow(
      "web-console",
      8080,
      .tcp,
      "administrators' browsers: Web Console",
      isolated: .inside("Allow it from administrators' computers only.")
    ),
  ]

  private static let mobileFlows = [
    Flow(
      "mobile",
      13292,
      .tcp,
      "mobile devices: connect with TLS",
      isolated: .impossible("Only devices in a wireless network inside reach it; others cannot be managed."),
      dmz: .gateway("Open it on the gateway for mobile devices."),
      internet: .direct("Open it to the internet for mobile devices.")
    ),
    Flow(
      "mobile-certificate",
      13293,
      .tcp,
      "mobile devices: second port, where it is configured",
      isolated: .impossible("As for 13292."),
      dmz: .gateway("As for 13292."),
      internet: .direct("As for 13292.")
    ),
    Flow(
      "mobile-activation",
      17100,
      .tcp,
      "mobile devices: activation proxy",
      isolated: .replaced("No codes without internet; send key files: 'kscmirror licence send'."),
      dmz: .gateway("Open it on the gateway, if the server reaches the vendor."),
      internet: .direct("Open it to the internet for mobile devices.")
    ),
    Flow(
      "push-android",
      443,
      .tcp,
      at: .internet,
      "Android devices: push by Google's servers",
      isolated: .impossible("Commands reach devices at their next synchronisation only."),
      dmz: .direct("Allow 443 and 5228 to 5230 to Google's servers, from the server and the devices."),
      internet: .direct("Allow 443 and 5228 to 5230 to Google's servers, from the server and the devices.")
    ),
    Flow(
      "push-apple",
      443,
      .tcp,
      at: .internet,
      "iOS devices: push by Apple's servers (APNs)",
      isolated: .impossible("iOS devices cannot be managed: each command comes by Apple's servers."),
      dmz: .direct("Allow 443 and 2197 to Apple's servers from the iOS MDM server; 5223 from devices."),
      internet: .direct("Allow 443 and 2197 to Apple's servers from the iOS MDM server; 5223 from devices.")
    ),
  ]

  private static let dataFlows = [
    Flow(
      "activation",
      17000,
      .tcp,
      "managed devices: activation proxy, for activation codes",
      isolated: .replaced("No codes without internet; send key files: 'kscmirror licence send'."),
      dmz: .inside("Allow it from devices, if the server reaches the vendor; else use key files."),
      internet: .inside("Allow it from devices; the server passes it on to the vendor.")
    ),
    Flow(
      "ksn-proxy",
      13111,
      .tcp,
      "managed devices: KSN proxy",
      isolated: .inside("Works with a private KSN only; reports travel by 'kscmirror ksn export'."),
      internet: .inside("Allow it from devices; the server passes it on to KSN.")
    ),
    Flow(
      "ksn-proxy-udp",
      15111,
      .udp,
      "managed devices: KSN proxy, over UDP",
      isolated: .inside("As for 13111.")
    ),
    Flow(
      "mysql",
      3306,
      .tcp,
      at: .database,
      "the server: its database in MySQL or MariaDB",
      isolated: .inside("Allow it from the server only; close it to all others.")
    ),
    Flow(
      "mssql",
      1433,
      .tcp,
      at: .database,
      "the server: its database in Microsoft SQL Server",
      isolated: .inside("Allow it from the server only; close it to all others.")
    ),
    Flow(
      "mirror",
      8443,
      .tcp,
      at: .server,
      "the server, devices: updates from 'kscmirror serve'",
      isolated: .inside("Allow it from the server and devices; enter it as the source of updates."),
      internet: .inside("Allow it from other mirrors, if they fetch from this one.")
    ),
  ]

  private static let internetFlows = [
    Flow(
      "updates",
      443,
      .tcp,
      at: .internet,
      "databases and updates from the vendor",
      isolated: .replaced("'kscmirror sync' and 'pack' outside, 'import' here."),
      dmz: .replaced("'kscmirror sync' and 'pack' outside, 'import' here; or 443 to the vendor."),
      internet: .direct("Allow 443 to *.upd.kaspersky.com for 'kscmirror sync'.")
    ),
    Flow(
      "packages",
      443,
      .tcp,
      at: .internet,
      "installers, plug-ins, patches from the vendor",
      isolated: .replaced("A source of kind \"files\" outside, 'import' and 'package publish' here."),
      internet: .direct("Allow 443 to the vendor, or use a source of kind \"files\".")
    ),
    Flow(
      "ksn",
      443,
      .tcp,
      at: .internet,
      "Kaspersky Security Network",
      isolated: .replaced("Statistics by 'kscmirror ksn export'; answers need a private KSN inside."),
      internet: .direct("Allow 443 to *.ksn.kaspersky.com and similar names from the server.")
    ),
    Flow(
      "licences",
      443,
      .tcp,
      at: .internet,
      "activation, licences, subscriptions",
      isolated: .replaced("Key files by 'kscmirror licence send'; use is reported by 'licence export'."),
      internet: .direct("Allow 443 to the vendor's activation servers.")
    ),
  ]
}
