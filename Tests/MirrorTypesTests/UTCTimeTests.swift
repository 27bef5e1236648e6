import Foundation
import TestSupport
import Testing

@testable import MirrorTypes

/// Points in time: their form, their order, and what is computed with them.
@Suite struct UTCTimeTests {
  /// The first second of year 1 and the last of year 9999.
  private static let span: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

  @Test(
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59Z", -1), ("2000-02-29T12:34:56Z", 951_827_696),
      ("2026-11-23T21:40:00Z", 1_795_470_000), ("2038-01-19T03:14:08Z", 2_147_483_648),
      ("1600-02-29T00:00:00Z", -11_670_998_400), ("0001-01-01T00:00:00Z", -62_135_596_800),
      ("9999-12-31T23:59:59Z", 253_402_300_799),
    ] as [(String, Int64)]
  )
  func `a time is so many seconds`(_ text: String, _ seconds: Int64) {
    #expect(UTCTime(text)?.seconds == seconds)
    #expect(UTCTime(seconds: seconds).text == text)
  }

  @Test func `all times of the years 1 to 9999 come back`() {
    var random = SeededGenerator(0x7133)
    for _ in 0..<50_000 {
      let seconds = Int64.random(in: Self.span, using: &random)
      let text = UTCTime(seconds: seconds).text
      #expect(text.utf8.count == 20)
      #expect(UTCTime(text)?.seconds == seconds, "\(text)")
    }
  }

  @Test func `the calendar is Foundation's`() throws {
    var random = SeededGenerator(0xCA1)
    var calendar = Calendar(identifier: .iso8601)
    calendar.timeZone = try #require(TimeZone(identifier: "GMT"))
    // Foundation takes the Julian calendar before 1582 in some of its calendars: only later years are compared.
    for _ in 0..<3_000 {
      let seconds = Int64.random(in: -12_000_000_000...Self.span.upperBound, using: &random)
      let date = Date(timeIntervalSince1970: Double(seconds))
      let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
      let numbers = [parts.year, parts.month, parts.day, parts.hour, parts.minute, parts.second].map { $0 ?? -1 }
      let text = UTCTime(seconds: seconds).text
      #expect(text.split { "-T:Z".contains($0) }.compactMap { Int($0) } == numbers)
    }
  }

  @Test func `every day follows the one before`() {
    // Two eras of 400 years, with all that leap years know.
    var expected = UTCTime("1600-01-01T00:00:00Z") ?? .epoch
    for year in 1600..<2400 {
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      for (index, length) in [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
        let month = String(index + 101).dropFirst()
        for day in 1...length {
          let date = "\(year)-\(month)-\(String(day + 100).dropFirst())T00:00:00Z"
          guard UTCTime(date) == expected else {
            Issue.record("\(date) is not the day behind the one before")
            return
          }
          expected = expected.adding(seconds: 86_400)
        }
        for day in [0, length + 1] {
          #expect(UTCTime("\(year)-\(month)-\(String(day + 100).dropFirst())T00:00:00Z") == nil)
        }
      }
    }
  }

  @Test(
    arguments: [
      "", "Z", "2026-11-23", "2026-11-23T21:40:00", "2026-11-23T21:40:00z", "2026-11-23t21:40:00Z",
      "2026-11-23 21:40:00Z", "2026-11-23T21:40Z", "2026-11-23T21:40:00.0Z", "2026-11-23T21:40:00+00:00",
      "2026-11-23T21:40:00ZZ", " 2026-11-23T21:40:00Z", "2026-11-23T21:40:00Z\n", "2026-11-23T21:40:00\0",
      "26-11-23T21:40:00Z", "02026-11-23T21:40:00Z", "-026-11-23T21:40:00Z", "+026-11-23T21:40:00Z",
      "2026-00-23T21:40:00Z", "2026-13-23T21:40:00Z", "2026-11-00T21:40:00Z", "2026-11-31T21:40:00Z",
      "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2000-02-30T00:00:00Z",
      "2026-11-23T24:00:00Z", "2026-11-23T21:60:00Z", "2026-11-23T21:40:60Z", "2026-1-023T21:40:00Z",
      "2026/11/23T21:40:00Z", "2026-11-23T21-40-00Z", "2026-11-23T2a:40:00Z", "202\u{0666}-11-23T21:40:0Z",
      "２026-11-23T21:40Z", "\u{E9}26-11-23T21:40:00Z", "2026-11-23T 1:40:00Z", "2026-11-23T-1:40:00Z",
    ]
  )
  func `is no time`(_ text: String) { #expect(UTCTime(text) == nil) }

  @Test func `a changed time is none, or is written the same`() {
    var random = SeededGenerator(0xDA7E)
    let alphabet = Array("0123456789-:TZ+. ".utf8)
    for _ in 0..<20_000 {
      var bytes = Array(UTCTime(seconds: .random(in: Self.span, using: &random)).text.utf8)
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = alphabet.randomElement(using: &random) ?? 0
      }
      let text = String(decoding: bytes, as: UTF8.self)
      if let time = UTCTime(text) { #expect(time.text == text) }
    }
  }

  @Test(
    arguments: [
      (0, 5, 5), (5, -5, 0), (0, .max, .max), (1, .max, .max), (-1, .max, .max - 1), (0, .min, .min), (-1, .min, .min),
      (.max, 1, .max), (.min, -1, .min), (.max, .min, -1),
    ] as [(Int64, Int64, Int64)]
  )
  func `what is computed stays within what there is`(_ start: Int64, _ passed: Int64, _ expected: Int64) {
    #expect(UTCTime(seconds: start).adding(seconds: passed).seconds == expected)
  }

  @Test func `how long ago a point in time was has a sign and bounds`() {
    let (first, last) = (UTCTime(seconds: .min), UTCTime(seconds: .max))
    #expect(UTCTime(seconds: 7).seconds(since: .epoch) == 7 && UTCTime.epoch.seconds(since: UTCTime(seconds: 7)) == -7)
    #expect(last.seconds(since: first) == .max && first.seconds(since: last) == .min)
    #expect(UTCTime.epoch.seconds(since: first) == .max && last.seconds(since: .epoch) == .max)
    #expect(first < .epoch && .epoch < last && [last, first, .epoch].min() == first)
  }

  @Test(arguments: [-1, .min, 253_402_300_800, .max] as [Int64])
  func `what others write as a number has to be of 1970 to 9999`(_ seconds: Int64) {
    #expect(UTCTime(written: seconds) == nil)
    let nearest = UTCTime(seconds: seconds).writable
    #expect(nearest == (seconds < 0 ? .epoch : .last) && UTCTime(written: nearest.seconds) == nearest)
    #expect(nearest.text == (seconds < 0 ? "1970-01-01T00:00:00Z" : "9999-12-31T23:59:59Z"))
  }

  @Test func `the farthest points in time have parts, too`() {
    for seconds in [Int64.min, .min + 1, .max - 1, .max] {
      let parts = UTCTime(seconds: seconds).parts
      #expect((1...12).contains(parts.month) && (1...31).contains(parts.day) && (0..<7).contains(parts.weekday))
      #expect((0..<24).contains(parts.hour) && (0..<60).contains(parts.minute) && (0..<60).contains(parts.second))
    }
  }

  @Test func `in JSON it is a number`() throws {
    let times = ["a": UTCTime(seconds: 1_795_470_000), "b": UTCTime(seconds: -1)]
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let text = try encoder.encode(times)
    #expect(String(decoding: text, as: UTF8.self) == #"{"a":1795470000,"b":-1}"#)
    #expect(try JSONDecoder().decode([String: UTCTime].self, from: text) == times)
  }
}
