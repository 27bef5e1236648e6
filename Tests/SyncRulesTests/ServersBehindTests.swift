import JobCore
import MirrorTypes
import SyncRules
import TestSupport
import Testing

/// What follows from servers of a pool whose primary indexes are older than what is here.
@Suite struct ServersBehindTests {
  private static func behind(_ seconds: Int64...) -> ServersBehind {
    let server = "https://a.example/"
    var behind = ServersBehind()
    let here: UTCTime = 1_800_000_000
    behind.add(
      seconds.map {
        ServersBehind.Index(server: server, path: "index/u1901g.xml", date: here.adding(seconds: -$0), here: here)
      }
    )
    return behind
  }

  @Test(
    arguments: [
      ([60], true), ([86_400], true), ([3 * 86_400], true), ([3 * 86_400 + 1], false), ([60, 30 * 86_400], false),
    ] as [([Int64], Bool)]
  )
  func `it is waited for servers that are a few days behind, and no longer`(seconds: [Int64], waits: Bool) {
    var behind = ServersBehind()
    #expect(behind.isEmpty)
    let here: UTCTime = 1_800_000_000
    for second in seconds {
      behind.add([
        ServersBehind.Index(server: "s", path: "index/u1901g.xml", date: here.adding(seconds: -second), here: here)
      ])
    }
    #expect(!behind.isEmpty)
    #expect(behind.mayWait == waits)
  }

  @Test func `each server is named with its date, once`() {
    let error = Self.behind(86_400, 90_000).error(source: "kaspersky")
    #expect(error.status == .olderIndex)
    #expect(error.message.split(separator: "https://a.example/").count == 2, "\(error.message)")
    #expect(error.message.contains("index/u1901g.xml of 2027-01-14"), "\(error.message)")
    #expect(error.remedy?.contains("--allow-older") == true)
  }
}
