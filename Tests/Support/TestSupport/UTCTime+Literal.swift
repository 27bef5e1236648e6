import MirrorTypes

/// In tests a point in time may stand as a number, of seconds since 1970.
extension UTCTime: ExpressibleByIntegerLiteral {
  package init(integerLiteral seconds: Int64) { self.init(seconds: seconds) }

  package static func + (time: UTCTime, seconds: Int64) -> UTCTime { time.adding(seconds: seconds) }

  package static func - (time: UTCTime, seconds: Int64) -> UTCTime { time.adding(seconds: -seconds) }

  package static func - (time: UTCTime, other: UTCTime) -> Int64 { time.seconds(since: other) }
}
