import MirrorTypes
import NIOHTTP1
import Testing

@testable import WebStore

/// The fields of HTTP, as text in and values out.
struct HeaderTests {
  @Test(arguments: [
    ("Sun, 06 Nov 1994 08:49:37 GMT", Int64(784_111_777)),
    ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
    ("Sun Nov  6 08:49:37 1994", 784_111_777),
    ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    ("Sat, 29 Feb 2020 23:59:60 GMT", 1_583_020_799),
  ])
  func `dates are read in all three forms`(text: String, seconds: Int64) {
    #expect(HTTPDate.time(text, now: 1_764_000_000)?.seconds == seconds)
  }

  @Test(arguments: [
    "", "yesterday", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 31 Feb 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 24:49:37 GMT", "Xyz, 06 Nov 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 94 08:49:37 GMT", "0", "-1", "Sun, 06 Nov 1994 8:49:37 GMT",
  ])
  func `what is no date is none`(text: String) { #expect(HTTPDate.time(text, now: 1_764_000_000) == nil) }

  @Test func `a date is written as it is read`() {
    for time: UTCTime in [0, 784_111_777, 951_782_400, 1_583_020_799, 4_102_444_799] {
      #expect(HTTPDate.time(HTTPDate.text(time), now: 1_764_000_000) == time)
    }
    #expect(HTTPDate.text(253_402_300_799) == "Fri, 31 Dec 9999 23:59:59 GMT")
    #expect(HTTPDate.text(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
    #expect(HTTPDate.logText(784_111_777) == "06/Nov/1994:08:49:37 +0000")
  }

  @Test(arguments: [
    ("bytes=0-9", ByteRanges.parts([0..<10])),
    ("bytes=90-", .parts([90..<100])),
    ("bytes=-10", .parts([90..<100])),
    ("bytes=-1000", .parts([0..<100])),
    ("bytes=50-1000", .parts([50..<100])),
    ("bytes=0-0,-1", .parts([0..<1, 99..<100])),
    ("bytes=0-0 , 5-6", .parts([0..<1, 5..<7])),
    ("BYTES=0-9", .parts([0..<10])),
    ("bytes=,0-9,,", .parts([0..<10])),
    ("bytes=100-", .unsatisfiable),
    ("bytes=100-200,300-", .unsatisfiable),
    ("bytes=-0", .unsatisfiable),
    ("bytes=0-1,500-", .parts([0..<2])),
    ("bytes=99999999999999999999-", .unsatisfiable),
    ("bytes=0-99999999999999999999", .parts([0..<100])),
    ("lines=0-9", .whole),
    ("bytes", .whole),
    ("bytes=", .whole),
    ("bytes=9-0", .whole),
    ("bytes=a-b", .whole),
    ("bytes=0-9;1-2", .whole),
    ("bytes=+1-2", .whole),
    ("bytes=0x0-9", .whole),
    ("bytes=--1", .whole),
    ("bytes=0-,0-", .whole),
    ("bytes=0-59,30-99", .whole),
  ])
  func `ranges are what RFC 9110 says`(field: String, expected: ByteRanges) {
    #expect(ByteRanges(field, size: 100, atMost: 8) == expected)
  }

  @Test func `too many ranges, and ranges of nothing, are bounded`() {
    let nine = "bytes=" + (0..<9).map { "\($0)-\($0)" }.joined(separator: ",")
    #expect(ByteRanges(nine, size: 100, atMost: 8) == .whole)
    #expect(ByteRanges("bytes=0-", size: 0, atMost: 8) == .unsatisfiable)
  }

  @Test func `entity tags are compared weakly and strongly`() {
    #expect(EntityTags("*").hasStrongly("x"))
    #expect(EntityTags("\"a\", W/\"b\" , \"c,d\"").hasStrongly("a"))
    #expect(!EntityTags("W/\"b\"").hasStrongly("b"))
    #expect(EntityTags("W/\"b\"").hasWeakly("b"))
    #expect(EntityTags("\"c,d\"").hasStrongly("c,d"))
    #expect(!EntityTags("a").hasWeakly("a"))
    #expect(!EntityTags("\"a").hasWeakly("a"))
    #expect(EntityTags(String(repeating: "\"x\",", count: 10_000)).tags.count == EntityTags.limit)
  }

  private static let changed = UTCTime(seconds: 784_111_777)
  private static let before = "Sun, 06 Nov 1994 08:49:36 GMT"
  private static let same = "Sun, 06 Nov 1994 08:49:37 GMT"
  private static let after = "Sun, 06 Nov 1994 08:49:38 GMT"

  @Test(arguments: [
    ([:], Conditions.Outcome.proceed),
    (["If-None-Match": "\"t\""], .notModified),
    (["If-None-Match": "W/\"t\""], .notModified),
    (["If-None-Match": "*"], .notModified),
    (["If-None-Match": "\"u\""], .proceed),
    // An entity tag beats a date.
    (["If-None-Match": "\"u\"", "If-Modified-Since": after], .proceed),
    (["If-None-Match": "\"t\"", "If-Modified-Since": before], .notModified),
    (["If-Modified-Since": same], .notModified),
    (["If-Modified-Since": after], .notModified),
    (["If-Modified-Since": before], .proceed),
    (["If-Modified-Since": "nonsense"], .proceed),
    (["If-Match": "\"t\""], .proceed),
    (["If-Match": "*"], .proceed),
    (["If-Match": "W/\"t\""], .failed),
    (["If-Match": "\"u\""], .failed),
    (["If-Unmodified-Since": same], .proceed),
    (["If-Unmodified-Since": before], .failed),
    (["If-Match": "\"t\"", "If-Unmodified-Since": before], .proceed),
    // The first that fails decides.
    (["If-Match": "\"u\"", "If-None-Match": "\"t\""], .failed),
  ])
  func `conditions are evaluated in the order of RFC 9110`(fields: [String: String], expected: Conditions.Outcome) {
    let headers = HTTPHeaders(fields.map { ($0.key, $0.value) })
    let validators = Conditions.Validators(tag: "t", changed: Self.changed)
    #expect(Conditions(headers, now: 1_764_000_000).evaluate(validators) == expected)
  }

  @Test(arguments: [
    ("\"t\"", true), ("W/\"t\"", false), ("\"u\"", false), ("\"t\", \"u\"", false), (same, true), (before, false),
    (after, false), ("nonsense", false), ("*", false),
  ])
  func `If-Range admits a range for exactly this content`(field: String, expected: Bool) {
    let validators = Conditions.Validators(tag: "t", changed: Self.changed)
    let conditions = Conditions(HTTPHeaders([("If-Range", field)]), now: 1_764_000_000)
    #expect(conditions.admitsRange(validators) == expected)
  }

  @Test(arguments: [
    ("/", ""), ("/a/b.xml", "a/b.xml"), ("/a//b", "a/b"), ("/a/b/", "a/b/"), ("/a?b=../c", "a"), ("//a", "a"),
    ("/%61/b", "a/b"), ("/a%20b", "a b"), ("http://host/a", "a"), ("HTTPS://host:1/a/b", "a/b"), ("http://host", ""),
    ("/a...b/..c", "a...b/..c"), ("/%C3%A4", "ä"), ("/a+b", "a+b"), ("/a#b", "a"),
  ])
  func `a target becomes a path`(target: String, expected: String) throws {
    #expect(try RequestPath(target: target).string == expected)
  }

  @Test(arguments: [
    "/..", "/../etc/passwd", "/a/../../b", "/a/..", "/./a", "/a/.", "/%2e%2e/a", "/.%2E/a", "/a/%2e/b", "/a%2fb",
    "/a%2Fb", "/%00", "/a%00b", "/a%", "/a%2", "/a%zz", "/a\\b", "/a%5cb", "/%ff", "/%c0%ae%c0%ae/a", "/%0a", "/%7f",
    "a/b", "", "*", "host:443", "ftp://host/a",
  ])
  func `a target that goes elsewhere is refused`(target: String) {
    #expect(throws: RequestPath.Refusal.self) { try RequestPath(target: target) }
  }

  @Test func `a target that is too long is refused`() {
    #expect(throws: RequestPath.Refusal.self) { try RequestPath(target: "/" + String(repeating: "a", count: 5000)) }
  }

  @Test func `a path is the same, by the short way and by the long one`() {
    var random = SystemRandomNumberGenerator()
    let characters = Array("abZ09-_./.~")
    for _ in 0..<20_000 {
      let text = String(
        (0..<Int.random(in: 0...12, using: &random)).map { _ in characters.randomElement(using: &random)! }
      )
      let plain = try? RequestPath(target: "/" + text).string
      // An empty query is no part of the path, and takes the long way.
      #expect(plain == (try? RequestPath(target: "/" + text + "?").string), "\(text)")
    }
  }

  @Test(arguments: [
    ("gzip", [ContentCoding.gzip]), ("gzip, zstd", [.zstd, .gzip]), ("gzip;q=1, zstd;q=0.5", [.gzip, .zstd]),
    ("gzip;q=0", []), ("identity", []), ("*", [.zstd, .gzip]), ("*;q=0.1, zstd;q=0", [.gzip]), ("x-gzip", [.gzip]),
    ("GZIP", [.gzip]), ("br", []), ("gzip;q=nan", []),
  ])
  func `codings are taken in the order that a client likes`(field: String, expected: [ContentCoding]) {
    #expect(ContentCoding.accepted(by: HTTPHeaders([("Accept-Encoding", field)])) == expected)
  }

  @Test func `a client that says nothing gets files as they are`() {
    #expect(ContentCoding.accepted(by: HTTPHeaders()).isEmpty)
  }

  @Test func `types go by the name`() {
    #expect(ContentType(path: "updates/index/u1901g.xml").name == "text/xml")
    #expect(ContentType(path: "packages/A.DEB").name == "application/vnd.debian.binary-package")
    #expect(ContentType(path: "updates/a.xml/b") == .bytes)
    #expect(ContentType(path: "name") == .bytes)
  }
}
