import FileSystem
import Glibc
import JobCore
import MirrorConfiguration
import MirrorTypes
import SystemPackage
import Trust
import WebStore

/// Serves a store over HTTP until it is asked to end. It opens the store for reading only.
package struct ServeJob: Sendable, InContext {
  /// What a person chooses for one run, on top of the configuration.
  package struct Options: Sendable {
    /// Whether a certificate is made for this run.
    package var selfSigned: Bool

    /// A choice.
    package init(selfSigned: Bool = false) { self.selfSigned = selfSigned }
  }

  package let context: JobContext
  private let settings: ServeSettings
  private let options: Options

  /// A job that serves the context's store.
  ///
  /// - Parameters:
  ///   - settings: how, with all that the command line has to say.
  package init(_ context: JobContext, settings: ServeSettings, options: Options = Options()) {
    self.context = context
    self.settings = settings
    self.options = options
  }

  /// Serves until SIGTERM or SIGINT.
  package func run() async throws -> ServeReport {
    raiseFileLimit()
    let started = clock.now
    // Before anything else: a signal that comes early must not end the process.
    let signals = Signals()
    let root = (try? Files.resolvingLinks(folder)) ?? folder
    // A link that is turned elsewhere meanwhile leads to no other store.
    var context = context
    context.configuration.store = root
    let content = try StoreContent(
      context,
      grace: Int64(settings.grace),
      facts: StatusFacts(context, warnDays: settings.licences ? configuration.licence.warnDays : nil)
    )
    let (server, places) = try await start(content)
    let ready = ready(content.release, root, places)
    reporter.information("serving", ready)
    ServiceManager.notify("READY=1\nSTATUS=\(ready)")
    for await signal in signals.stream {
      if signal == SIGHUP {
        server.reloadCertificate()
        continue
      }
      break
    }
    ServiceManager.notify("STOPPING=1")
    reporter.report(.phase("ending: answers under way are finished first"))
    await server.stop()
    return ServeReport(seconds: clock.now.seconds(since: started))
  }

  /// One line that says that clients are answered from now on, and what they get.
  private func ready(_ release: (number: Int, files: Int)?, _ root: FilePath, _ places: [String]) -> String {
    let what =
      release.map { "release \($0.number) with \(Words.count($0.files, "file"))" }
      ?? "nothing yet: no release is published there"
    let since = clock.now.text
    return "ready since \(since): serving \(what), from \(root); \(places.joined(separator: "; "))"
  }

  private func start(_ content: StoreContent) async throws -> (WebServer, places: [String]) {
    let serverOptions = try serverOptions()
    let reporter = reporter
    let server: WebServer
    do {
      server = try await WebServer.start(content, serverOptions) { reporter.warning("serve", $0.description) }
    } catch {
      throw JobError(error)
    }
    let places = zip(serverOptions.listeners, server.ports).map(Self.words)
    for place in places { reporter.information("listening", place) }
    if let pin = server.pin {
      reporter.information("self-signed", "a certificate was made for this run; its public key is \(pin)")
    }
    return (server, places)
  }

  private static func words(_ listener: WebServerOptions.Listener, _ port: Int?) -> String {
    switch listener {
    case .address(let host, _, let secure):
      let shown = host.isEmpty ? "all addresses" : host
      return "\(secure ? "https" : "http") on \(shown), port \(port ?? 0)"
    case .inherited(let socket, let secure):
      return "\(secure ? "https" : "http") on socket '\(socket.name)' of the service manager"
    }
  }

  // MARK: - Settings

  private func serverOptions() throws -> WebServerOptions {
    var result = WebServerOptions(listeners: try listeners())
    result.certificate = certificate
    if result.certificate == nil, result.listeners.contains(where: \.isSecure) {
      throw JobError(
        .configuration,
        "no TLS certificate is configured",
        remedy:
          "Name 'certificate' and 'key' in [serve], or --certificate and --key; --self-signed makes one for a try, "
          + "and --http serves without TLS."
      )
    }
    for text in settings.allow {
      guard let range = AddressRange(text) else {
        throw JobError(
          .configuration,
          "'\(text)' is not an address or network to allow",
          remedy:
            "Write addresses such as 192.0.2.7, and networks such as 10.0.0.0/8 with no bits set after the prefix."
        )
      }
      result.allowed.append(range)
    }
    result.maximumConnections = settings.maximumConnections
    result.maximumConnectionsPerAddress = settings.maximumConnectionsPerAddress
    result.requestsPerSecond = settings.requestsPerSecond.map { Double($0) }
    if let log = settings.accessLog { result.log = log == "-" ? .standardOutput : .file(log) }
    return result
  }

  private var certificate: WebServerOptions.Certificate? {
    if options.selfSigned { return .selfSigned(names: ["localhost"] + Self.hostNames) }
    guard let certificate = settings.certificate, let key = settings.key else { return nil }
    return .files(certificate: certificate, key: key)
  }

  private static var hostNames: [String] {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return [] }
    let name = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return name.isEmpty || name == "localhost" ? [] : [name]
  }

  /// Sockets of the service manager come first; without any, and without addresses, TLS on all addresses.
  private func listeners() throws -> [WebServerOptions.Listener] {
    let hasCertificate = certificate != nil
    let inherited = ServiceManager.sockets().map { socket in
      WebServerOptions.Listener.inherited(socket, secure: socket.name == "http" ? false : hasCertificate)
    }
    let addresses =
      settings.listen.map { WebServerOptions.Listener.address(host: $0.host, port: $0.port, secure: true) }
      + settings.listenHTTP.map { .address(host: $0.host, port: $0.port, secure: false) }
    let all = inherited + addresses
    return all.isEmpty ? [.address(host: "", port: ServeSettings.port, secure: true)] : all
  }

  /// Connections and files are open at the same time: as many as this process may have.
  private func raiseFileLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}

/// How serving ended.
package struct ServeReport: Sendable, Encodable {
  /// How long it was done, in seconds.
  package let seconds: Int64
}
