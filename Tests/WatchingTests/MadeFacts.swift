import MirrorConfiguration
import MirrorTypes

@testable import Watching

/// Facts as tests want them: all is well, but for what they change.
enum MadeFacts {
  static let now = UTCTime(seconds: 1_764_000_000)
  static let day: Int64 = 86_400

  static func facts(
    side: String = "connected",
    age: Int64? = day,
    components: [WatchFacts.Component] = [],
    jobs: [WatchFacts.Job] = [job("sync", succeeded: 3600)],
    running: [RunningJob] = [],
    expires: Int64? = 30 * day,
    sites: [WatchFacts.Site] = [],
    room: StoreRoom? = StoreRoom(free: 1 << 40, inodes: nil, need: 1 << 20, needInodes: 10),
    licences: [WatchFacts.Licences] = [],
    isPublished: Bool = true,
    settings: WatchSettings = WatchSettings()
  ) -> WatchFacts {
    let date = age.map { now.adding(seconds: -$0) }
    return WatchFacts(
      now: now,
      site: nil,
      side: side,
      hasSources: side == "connected",
      release: isPublished
        ? WatchFacts.Release(
          snapshot: 7,
          sealed: now.adding(seconds: -60),
          files: 3,
          bytes: 9,
          indexDate: date,
          age: IndexAge(of: date, now: now, by: settings.ages)
        ) : nil,
      components: components,
      newest: 7,
      heldBack: nil,
      unpublished: nil,
      jobs: jobs,
      running: running,
      expires: expires.map { now.adding(seconds: $0) },
      rootExpires: now.adding(seconds: 900 * day),
      sites: sites,
      room: room,
      licences: licences,
      forecast: nil
    )
  }

  /// A command's runs: when it succeeded last, in seconds before now, and how many have failed since.
  static func job(_ name: String, succeeded: Int64?, failures: Int = 0) -> WatchFacts.Job {
    WatchFacts.Job(
      job: name,
      finished: now.adding(seconds: -60),
      outcome: failures > 0 ? "failed" : "ok",
      message: failures > 0 ? "no route | to host" : "",
      succeeded: succeeded.map { now.adding(seconds: -$0) },
      failures: failures,
      failingSince: failures > 0 ? now.adding(seconds: -Int64(failures) * 3600) : nil
    )
  }

  /// A site with databases of so many days ago, whose receipt came so many days ago.
  static func site(
    _ name: String,
    days: Int64?,
    receipt: Int64?,
    packed: (snapshot: Int, days: Int64)? = nil,
    settings: WatchSettings = WatchSettings()
  ) -> WatchFacts.Site {
    let date = days.map { now.adding(seconds: -$0 * day) }
    return WatchFacts.Site(
      name: name,
      snapshot: 5,
      indexDate: date,
      age: IndexAge(of: date, now: now, by: settings.ages),
      received: receipt.map { now.adding(seconds: -$0 * day) },
      forecast: SiteForecast(date: date, expires: now.adding(seconds: 30 * day), settings),
      onTheWay: packed?.snapshot,
      packed: packed.map { now.adding(seconds: -$0.days * day) }
    )
  }
}
