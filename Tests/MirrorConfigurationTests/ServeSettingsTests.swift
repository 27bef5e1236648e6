import MirrorConfiguration
import SystemPackage
import Testing

@Suite struct ServeSettingsTests {
  private func read(_ text: String) throws(ConfigurationError) -> Configuration {
    try Configuration(parsing: text, from: "/etc/kscmirror/kscmirror.toml")
  }

  private func problem(_ text: String) -> String {
    do { _ = try read("[serve]\n" + text) } catch { return error.description }
    return ""
  }

  @Test func `every key of the server is read`() throws {
    let serve = try read(
      """
      [serve]
      listen = ["192.0.2.7:443", ":8443", "[2001:db8::7]:1"]
      listen_http = ["localhost:80"]
      certificate = "server.pem"
      key = "/etc/ssl/server.key"
      allow = ["10.0.0.0/8"]
      max_connections = 10
      max_connections_per_address = 5
      requests_per_second = 7
      grace = "1h"
      access_log = "access.log"
      licences = true
      """
    ).serve
    #expect(serve.listen.map(\.host) == ["192.0.2.7", "", "2001:db8::7"])
    #expect(serve.listen.map(\.port) == [443, 8443, 1])
    #expect(serve.listenHTTP.map(\.host) == ["localhost"])
    #expect(serve.certificate == "/etc/kscmirror/server.pem" && serve.key == "/etc/ssl/server.key")
    #expect(serve.allow == ["10.0.0.0/8"])
    #expect(serve.maximumConnections == 10 && serve.maximumConnectionsPerAddress == 5)
    #expect(serve.requestsPerSecond == 7 && serve.grace == 3600 && serve.licences)
    #expect(serve.accessLog == "/etc/kscmirror/access.log")
    #expect(try read("").serve == ServeSettings())
    #expect(try read("[serve]\naccess_log = \"-\"").serve.accessLog == "-")
  }

  @Test(arguments: [
    ("listen = [\"8443\"]", "listen"), ("listen = [\"a:b\"]", "listen"), ("listen = [\"::1:80\"]", "listen"),
    ("listen = [\"a:65536\"]", "listen"), ("certificate = \"a\"", "'key' is missing"),
    ("key = \"a\"", "'certificate' is missing"), ("grace = \"8d\"", "7 days"), ("max_connections = 0", "from 1 to"),
    ("port = 1", "unknown key 'port'"),
  ])
  func `what is wrong is reported with its key`(text: String, words: String) {
    #expect(problem(text).contains(words), "\(problem(text))")
  }
}
