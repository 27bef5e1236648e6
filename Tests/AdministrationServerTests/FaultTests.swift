import AdministrationServer
import AdministrationServerDouble
import TestSupport
import Testing

@Suite struct FaultTests {
  /// The fault that a body with this error leads to.
  private func fault(_ error: String) async throws -> OpenAPIFault {
    let server = CannedTransport.server(answering: Array("{\"PxgError\":\(error)}".utf8))
    let error = try await failure { try await server.ping() }
    return try #require(error.fault)
  }

  @Test func `a refusal is reported in the server's words, with its facts`() async throws {
    let world = try World(Fixture(keys: 1))
    let error = try await failure { _ = try await world.server().keyBody(serial: "none") }
    guard case .refused("LicenseKeys.GetKeyData", let fault, let request) = error else { throw error }
    #expect(fault.code == 1186)
    #expect(fault.kind == .notFound)
    #expect(fault.localisedText == "the key none was not found")
    #expect(world.double.calls.last?.headers["x-ksc-requestid"] == request)
    #expect("\(error)" == "LicenseKeys.GetKeyData: the key none was not found (KLSTD 1186) [request \(request)]")
  }

  @Test func `facts are filled in where the format wants them`() async throws {
    let texts: [(String, String)] = [
      (#"{"format":"%1 of %2","args":["3","7"]}"#, "3 of 7"),
      (#"{"type":"params","value":{"format":"%2%1%2","args":["a","b"]}}"#, "bab"),
      (#"{"format":"100%% of %3, %x and %","args":["a"]}"#, "100% of , %x and %"),
      (#"{"format":"%10%1","args":["1","2","3","4","5","6","7","8","9","ten"]}"#, "ten1"),
      (#"{"format":"%1 %2 %3","args":[5,true,{"type":"long","value":9}]}"#, "5 true 9"),
      (#"{"format":"no facts"}"#, "no facts"), (#"{"format":"%1","args":["%1%1"]}"#, "%1%1"),
    ]
    for (data, text) in texts {
      #expect(try await fault(#"{"code":1,"module":"M","message":"m","locdata":\#(data)}"#).localisedText == text)
    }
  }

  @Test func `strange refusals are refusals all the same, and show nothing harmful`() async throws {
    for error in ["null", "[]", "5", "{}", #"{"code":"x","message":5,"locdata":7}"#, #"{"locdata":{"format":1}}"#] {
      #expect(try await fault(error).code == 0)
    }
    let hostile = try await fault(#"{"code":7,"module":"M\u001b]0;x\u0007","message":"a\u001b[2Jb\u202ec\r\nd"}"#)
    #expect(hostile.description.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x202E }, "\(hostile)")
  }

  @Test func `a format cannot blow its facts up`() async throws {
    let fact = String(repeating: "x", count: 100_000)
    let format = String(repeating: "%1", count: 100_000)
    let fault = try await fault(#"{"code":1,"locdata":{"format":"\#(format)","args":["\#(fact)"]}}"#)
    #expect((fault.localisedText ?? "").count <= 2001)
  }

  @Test func `known numbers have a kind, and the kind an advice`() async throws {
    let kinds: [(String, Int, OpenAPIFault.Kind)] = [
      ("KLSTD", 1184, .accessDenied), ("KLSTD", 1186, .notFound), ("KLSTD", 1193, .notPermitted),
      ("KLSTD", 1195, .unavailable), ("KLCONN", 1194, .unknownCall), ("KLWAT", 1453, .signInFailed),
      ("KLOLA", 2351, .activationServer), ("KLCONN", 1184, .other),
    ]
    for (module, code, kind) in kinds {
      #expect(try await fault(#"{"code":\#(code),"module":"\#(module)"}"#).kind == kind)
    }
    var fixture = Fixture(keys: 1)
    fixture.unknownCalls = ["LicenseKeys.AcquireKeyUsageStatistics"]
    let world = try World(fixture)
    let error = try await failure { _ = try await world.server().keyUsage(serial: "x") }
    #expect(error.fault?.kind == .unknownCall)
    #expect("\(error)".hasSuffix("this version of Kaspersky Security Center does not have it"), "\(error)")
  }
}
