import ArgumentParser
import Console
import MirrorConfiguration
import Serving
import SystemPackage

/// `kscmirror serve`
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serve the store to Administration Servers, endpoints and other mirrors.",
    discussion: """
      Runs until it gets SIGTERM or SIGINT; answers under way are finished first. It reads the store and never changes \
      it. A new release is served as soon as it is published. A status page is at /.

        kscmirror serve
        kscmirror serve --self-signed --listen 127.0.0.1:8443
        kscmirror serve --http :8080 --allow 10.0.0.0/8
      """
  )

  @Option(
    help: ArgumentHelp(
      "Speak TLS here (default: the configuration's, :8443); may be repeated.",
      valueName: "address:port"
    )
  )
  var listen: [String] = []

  @Option(help: ArgumentHelp("Speak plain HTTP here; may be repeated.", valueName: "address:port"))
  var http: [String] = []

  @Option(help: ArgumentHelp("The certificate chain, PEM.", valueName: "file"), completion: .file())
  var certificate: String?

  @Option(help: ArgumentHelp("Its private key, PEM.", valueName: "file"), completion: .file())
  var key: String?

  @Flag(help: "Make a certificate for this run and show its fingerprint: to try the server out.")
  var selfSigned = false

  @Option(help: ArgumentHelp("Take connections from this network only; may be repeated.", valueName: "network"))
  var allow: [String] = []

  @Option(
    help: ArgumentHelp("Log each answer to this file; - for standard output.", valueName: "file"),
    completion: .file()
  )
  var accessLog: String?

  @OptionGroup var options: ConfigurationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    for text in listen + http where ServeSettings.Address(text) == nil {
      throw ValidationError("'\(text)' is not an address with a port, such as 127.0.0.1:8443 or :8443.")
    }
    guard (certificate == nil) == (key == nil) else { throw ValidationError("--certificate and --key go together.") }
  }

  func run() async throws {
    try await perform("serve", output, options, .settings) { context in
      try await ServeJob(
        context,
        settings: settings(context.configuration.serve),
        options: .init(selfSigned: selfSigned)
      ).run()
    } show: { _ in
    }
  }

  /// What the command line says beats the configuration.
  private func settings(_ configured: ServeSettings) -> ServeSettings {
    var settings = configured
    if !listen.isEmpty || !http.isEmpty {
      settings.listen = listen.compactMap { ServeSettings.Address($0) }
      settings.listenHTTP = http.compactMap { ServeSettings.Address($0) }
    }
    if let certificate, let key {
      settings.certificate = FilePath(certificate)
      settings.key = FilePath(key)
    }
    if !allow.isEmpty { settings.allow = allow }
    if let accessLog { settings.accessLog = FilePath(accessLog) }
    return settings
  }
}
