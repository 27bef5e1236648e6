import NIOHTTP1
import Testing

@testable import WebStore

/// Who may connect, and how often.
struct ConnectionRuleTests {
  @Test(arguments: [
    ("10.0.0.0/8", "10.1.2.3", true), ("10.0.0.0/8", "11.0.0.0", false), ("192.0.2.7", "192.0.2.7", true),
    ("192.0.2.7", "192.0.2.8", false), ("0.0.0.0/0", "203.0.113.1", true), ("0.0.0.0/0", "2001:db8::1", false),
    ("192.0.2.128/25", "192.0.2.200", true), ("192.0.2.128/25", "192.0.2.100", false), ("fd00::/8", "fd12::1", true),
    ("fd00::/8", "fe80::1", false), ("::1", "::1", true), ("::/0", "192.0.2.1", true),
    // An IPv4 client on a socket of IPv6.
    ("10.0.0.0/8", "::ffff:10.0.0.1", true),
  ])
  func `a range has the addresses that begin as it does`(range: String, address: String, expected: Bool) throws {
    let range = try #require(AddressRange(range))
    #expect(range.contains(try #require(ClientAddress(address))) == expected)
  }

  @Test(arguments: [
    "", "10", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.1/8", "10.0.0.0/08", "10.0.0.0/8/8", "fd00::/129", "host", "::1/64",
  ])
  func `what is no range is refused`(text: String) { #expect(AddressRange(text) == nil) }

  @Test func `a client has a burst and then a steady rate`() {
    let rate = RequestRate(perSecond: 2, burst: 3)
    let client: [UInt8] = [1]
    #expect((0..<3).allSatisfy { _ in rate.admits(client, at: 100) })
    #expect(!rate.admits(client, at: 100))
    #expect(rate.admits([2], at: 100))
    #expect(!rate.admits(client, at: 100.4))
    #expect(rate.admits(client, at: 100.6))
    #expect((0..<3).allSatisfy { _ in rate.admits(client, at: 200) })
    #expect(!rate.admits(client, at: 200))
  }

  @Test func `the clients that are remembered are bounded`() {
    let rate = RequestRate(perSecond: 1, burst: 1)
    for number in 0..<RequestRate.maximumClients + 10 {
      let client = [UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8), UInt8(number >> 16)]
      #expect(rate.admits(client, at: 1))
    }
    #expect(!rate.admits([9, 0, 1], at: 1))
  }

  @Test func `a log line cannot be ended by what a client sends`() {
    let request = HTTPRequestHead(
      version: .http1_1,
      method: .GET,
      uri: "/a\"b\\c\nd\u{7F}ä",
      headers: ["User-Agent": "x\r\ny\"", "Referer": "\u{1B}[31m"]
    )
    let line = AccessLog.line(
      .init(address: "192.0.2.1", request: request, status: 404, bytes: 12, time: 784_111_777)
    )
    #expect(
      line == "192.0.2.1 - - [06/Nov/1994:08:49:37 +0000] \"GET /a\\x22b\\x5Cc\\x0Ad\\x7F\\xC3\\xA4 HTTP/1.1\" 404 12 "
        + "\"\\x1B[31m\" \"x\\x0D\\x0Ay\\x22\"\n"
    )
  }

  @Test func `sockets of the service manager are taken only by the process that they are for`() {
    let mine = ServiceManager.sockets(process: "7", count: "2", names: "https:http", ownProcess: 7)
    #expect(mine == [.init(descriptor: 3, name: "https"), .init(descriptor: 4, name: "http")])
    #expect(ServiceManager.sockets(process: "8", count: "2", names: nil, ownProcess: 7).isEmpty)
    #expect(ServiceManager.sockets(process: "7", count: "x", names: nil, ownProcess: 7).isEmpty)
    #expect(ServiceManager.sockets(process: "7", count: "100000", names: nil, ownProcess: 7).isEmpty)
    #expect(ServiceManager.sockets(process: nil, count: nil, names: nil, ownProcess: 7).isEmpty)
  }
}
