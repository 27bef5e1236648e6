import Catalogue
import MirrorTypes
import StoreFixtures
import Testing

@Suite struct KnownFileTests {
  let fixture = StoreFixture()

  @Test func `what a sync learned is there for the next one, by source`() throws {
    let known: [TreePath: KnownFile]
    let state = SourceState(configuration: "c1", finished: 9, notes: "[]")
    do {
      let store = try fixture.open()
      let object = try store.put("a")
      try store.commitObjects()
      known = [
        try TreePath("index/a.xml"): KnownFile(
          object: object.digest,
          size: 1,
          etag: "\"e\"",
          lastModified: "Tue, 01 Jul 2025 00:00:00 GMT",
          fingerprint: .max - 7,
          server: "https://s00.example",
          fetched: 5,
          checked: Digest256(bytes: Array(0..<32))
        ),
        try TreePath("gone.dat"): KnownFile(object: nil, size: 0, isAbsent: true, fetched: 6),
      ]
      try store.remember(known, state: state, of: "kaspersky")
      try store.remember([:], state: nil, of: "other")
    }
    let store = try fixture.openForReading()
    #expect(try store.knownFiles(of: "kaspersky") == known)
    #expect(try store.knowsFiles(of: "kaspersky") && !store.knowsFiles(of: "other"))
    #expect(try store.sourceState("kaspersky") == state)
    #expect(try store.knownFiles(of: "other").isEmpty)
    #expect(try store.sourceState("other") == nil)
    #expect(try store.knownSources() == ["kaspersky"])
  }

  @Test func `files are added, changed, forgotten one by one, and replaced all together`() throws {
    let store = try fixture.open()
    func file(_ size: Int64) -> KnownFile { KnownFile(object: nil, size: size, fetched: 1) }
    let (a, b, c) = (try TreePath("a"), try TreePath("b"), try TreePath("c"))
    try store.remember([a: file(1), b: file(2)], state: nil, of: "s")
    try store.remember([b: file(3), c: file(4)], state: nil, of: "s", forgetting: .only([a]))
    #expect(try store.knownFiles(of: "s") == [b: file(3), c: file(4)])
    try store.remember([a: file(5)], state: nil, of: "s", forgetting: .allOthers)
    #expect(try store.knownFiles(of: "s") == [a: file(5)])
    try store.remember([a: file(6)], state: nil, of: "t")
    try store.forget("s")
    #expect(try store.knownSources() == ["t"])
    #expect(try store.knownFiles(of: "s").isEmpty)
  }

  @Test func `a file whose object is not committed is not remembered`() throws {
    let store = try fixture.open()
    let object = try store.put("a").digest
    let path = try TreePath("a")
    #expect(throws: StoreError.missingObject(object, path: path)) {
      try store.remember([path: KnownFile(object: object, size: 1, fetched: 1)], state: nil, of: "s")
    }
    #expect(try store.knownFiles(of: "s").isEmpty)
  }

  @Test func `runs are remembered, newest first, a thousand of them`() throws {
    let store = try fixture.open()
    for number in 1...1010 {
      let outcome: Run.Outcome = number % 2 == 0 ? .withErrors : .ok
      let job = number % 10 == 0 ? "pack" : "sync"
      try store.record(
        Run(
          job: job,
          started: 1,
          finished: UTCTime(seconds: Int64(number)),
          outcome: outcome,
          message: "m",
          snapshot: number
        )
      )
    }
    #expect(try store.runs(last: 2).map(\.snapshot) == [1010, 1009])
    #expect(try store.runs(last: 1, job: "sync").first?.outcome == .ok)
    #expect(try store.runs(last: 5000).count == Run.mostRemembered)
  }
}
