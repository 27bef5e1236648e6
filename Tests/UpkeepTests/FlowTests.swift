import FileSystem
import Foundation
import TestSupport
import Testing

@testable import Upkeep

/// The flows of an Administration Server: by the vendor's list of ports, for each place where a server may stand.
@Suite struct FlowTests {
  private func rows(_ topology: Flow.Topology, _ listening: ListeningPorts? = nil, _ answering: [Int: Bool] = [:])
    -> [String: FlowsReport.Row]
  {
    let rows = Flow.all.compactMap { FlowsReport.Row($0, topology, listening: listening, answering: answering) }
    return Dictionary(uniqueKeysWithValues: rows.map { ($0.name, $0) })
  }

  @Test func `every port of the vendor's list is there, and each row says what to do, wherever the server stands`() {
    let ports = Set(Flow.all.map { "\($0.port)/\($0.transport.rawValue)" })
    for port in [
      "15000/udp", "13000/tcp", "13000/udp", "14000/tcp", "17000/tcp", "17100/tcp", "13291/tcp", "13292/tcp",
      "13293/tcp", "13299/tcp", "8060/tcp", "8061/tcp", "8080/tcp", "443/tcp", "3306/tcp", "1433/tcp",
    ] {
      #expect(ports.contains(port), "\(port)")
    }
    for topology in Flow.Topology.allCases {
      let rows = rows(topology)
      #expect(rows.count == Flow.all.count)
      #expect(rows.values.allSatisfy { $0.todo.hasSuffix(".") && $0.use.count < 69 }, "\(topology)")
    }
  }

  @Test func `without internet, updates, packages, licences and KSN are replaced, and push cannot be carried`() {
    let isolated = rows(.isolated)
    for name in ["updates", "packages", "licences", "ksn", "activation"] {
      #expect(isolated[name]?.carriage == .replaced, "\(name)")
    }
    for name in ["push-android", "push-apple", "mobile"] {
      #expect(isolated[name]?.carriage == .impossible, "\(name)")
    }
    #expect(rows(.dmz)["agents"]?.carriage == .gateway && rows(.dmz)["wake"]?.carriage == .impossible)
    #expect(rows(.internet).values.allSatisfy { $0.carriage != .impossible })
  }

  @Test func `a port listens here, answers there, is closed, or is another host's`() {
    let here = ListeningPorts(tcp: [13299], udp: [15111])
    let rows = rows(.isolated, here, [13000: true, 8060: false])
    #expect(rows["open-api"]?.state == .listens && rows["ksn-proxy-udp"]?.state == .listens)
    #expect(rows["agents"]?.state == .answers && rows["web-server"]?.state == .closed)
    #expect(rows["console"]?.state == .closed && rows["mysql"]?.state == .unknown && rows["updates"]?.state == .unknown)
    #expect(self.rows(.isolated)["console"]?.state == .unknown, "where the kernel shows nothing")
  }

  @Test func `the kernel's tables are read: who listens, in both versions of IP`() {
    let tcp = """
      sl  local_address rem_address   st tx_queue rx_queue
       0: 00000000:32C8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1
       1: 0100007F:1F90 0100007F:A0B0 01 00000000:00000000 00:00000000 00000000     0        0 2
       2: 00000000000000000000000000000000:01BB 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 3
      nonsense
      """
    #expect(ListeningPorts.ports(tcp, state: "0A") == [13_000, 443])
    #expect(ListeningPorts.ports("", state: "0A").isEmpty)
  }

  @Test func `a port that takes connections answers, and one that does not is closed`() throws {
    let listener = try LoopbackListener()
    #expect(PortProbe.answers("127.0.0.1", Int(listener.port), within: 2000))
    #expect(ListeningPorts.ofThisHost()?.tcp.contains(Int(listener.port)) ?? true)
    #expect(!PortProbe.answers("127.0.0.1", 1, within: 2000) && !PortProbe.answers("nowhere.invalid", 80, within: 10))
  }
}
