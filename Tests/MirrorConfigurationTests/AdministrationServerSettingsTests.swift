import MirrorConfiguration
import SystemPackage
import TestSupport
import Testing

@Suite struct AdministrationServerSettingsTests {
  private func read(_ text: String) throws(ConfigurationError) -> Configuration {
    try Configuration(parsing: text, from: "/etc/kscmirror/kscmirror.toml")
  }

  private func problem(_ text: String) -> String {
    do { _ = try read(text) } catch { return error.description }
    return ""
  }

  @Test func `every key of the server, of licences and of KSN is read`() throws {
    let configuration = try read(
      """
      [administration_server]
      url = "https://ksc.plant.example:13299/"
      user = "mirror"
      password_file = "ksc-password"
      domain = "PLANT"
      virtual_server = "hall 2"
      certificate = "klserver.cer"
      ca = "/etc/ssl/plant.pem"
      pin = "sha256//AAAA"
      connect_timeout = "5s"
      call_timeout = "2m"
      busy_patience = "1m"
      [licence]
      devices = true
      pseudonyms = false
      warn_days = 14
      [ksn]
      spool = "/var/spool/ksn"
      fields = ["verdicts"]
      """
    )
    let server = try #require(configuration.administrationServer)
    #expect(server.url == "https://ksc.plant.example:13299")
    #expect(server.user == "mirror" && server.domain == "PLANT" && server.virtualServer == "hall 2")
    #expect(server.passwordFile == "/etc/kscmirror/ksc-password")
    #expect(server.certificate == "/etc/kscmirror/klserver.cer" && server.ca == "/etc/ssl/plant.pem")
    #expect(server.pin == "sha256//AAAA")
    #expect(server.connectTimeout == 5 && server.callTimeout == 120 && server.busyPatience == 60)
    #expect(configuration.licence.devices && !configuration.licence.pseudonyms)
    #expect(configuration.licence.warnDays == 14)
    #expect(configuration.ksn.spool == "/var/spool/ksn" && configuration.ksn.fields == ["verdicts"])
  }

  @Test func `without a table no server is asked, and little leaves the site`() throws {
    let configuration = try read("store = \"store\"\n")
    #expect(configuration.administrationServer == nil)
    #expect(!configuration.licence.devices && configuration.licence.pseudonyms && configuration.licence.warnDays == 30)
    #expect(configuration.ksn.spool == nil && configuration.ksn.fields.isEmpty)
  }

  @Test func `a password in the file is refused, and told where it belongs`() {
    let text = problem("[administration_server]\nurl = \"https://ksc.example\"\nuser = \"u\"\npassword = \"hunter2\"\n")
    #expect(text.contains("password_file"))
    #expect(!text.contains("hunter2"))
  }

  @Test(arguments: [
    ("url = \"https://ksc.example\"", "user"), ("user = \"u\"", "url"),
    ("url = \"http://ksc.example\"\nuser = \"u\"", "https"),
    ("url = \"https://ksc.example\"\nuser = \"u\"\npin = \"md5//x\"", "sha256//"),
    ("url = \"https://ksc.example\"\nuser = \"u\"\ncertifcate = \"x\"", "certificate"),
  ])
  func `what is missing or wrong is named`(_ lines: String, _ word: String) {
    let text = problem("[administration_server]\n\(lines)\n")
    #expect(text.contains(word), "\(text)")
  }
}
