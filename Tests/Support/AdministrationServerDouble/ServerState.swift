/// All that changes while the double runs.
struct ServerState {
  /// A user's session, or a connection that was signed in.
  struct Login {
    let user: Fixture.User
    let virtualServer: String
  }

  /// Rows that are made when they are asked for.
  struct Rows {
    /// Where the rows come from.
    enum Source {
      case keys([String])
      case devices(ofKey: String, [String])
      case hosts([String])
    }
    let source: Source
    let count: Int
    var position = 0
  }

  struct Upload {
    let size: Int
    let isArchive: Bool
    var bytes: [UInt8] = []
  }

  struct Action {
    let connection: Int
    let result: Result<[String: String], PxgFailure>
    let package: Int?
    var pollsLeft: Int
    var earliest: ContinuousClock.Instant?
  }

  var fixture: Fixture { didSet { places = Self.places(of: fixture) } }
  /// Where each key is, by its serial number: there may be many.
  private var places: [String: Int]
  var script: @Sendable (DoubleCall) -> Misbehaviour? = { _ in nil }
  var calls: [DoubleCall] = []
  var counts: [String: Int] = [:]
  var sessions: [String: Login] = [:]
  var connections: [Int: Login] = [:]
  var serial = 0
  var iterators: [String: Rows] = [:]
  var accessors: [String: Rows] = [:]
  var uploads: [String: Upload] = [:]
  var actions: [String: Action] = [:]
  var packages: [AdministrationServerDouble.Package] = []
  /// The server's own address.
  var url = ""
  /// Mobile profiles that are ready to be given out.
  var preparedProfiles: Set<String> = []
  var statistics: [AdministrationServerDouble.Statistics] = []
  /// How often each running task is still asked for before it is done.
  var runningTasks: [String: Int] = [:]
  /// The position of each iterator over tasks.
  var taskIterators: [String: Int] = [:]
  /// How often an action was asked for earlier than allowed or on another connection than its own, or a call was sent
  /// before the one before it on that connection had its answer.
  var rulesBroken = 0
  /// Sessions of accounts that have not shown their second factor, by token.
  var unfinished: [String: Login] = [:]
  /// How many sign-ins are under way, and how many have been at once.
  var signInsUnderWay = 0
  var mostSignInsAtOnce = 0
  /// How often each user came with a wrong password or code: an account that did so too often is locked.
  var wrongTries: [String: Int] = [:]
  /// The wrong tries after which an account is locked.
  static let wrongTriesAllowed = 3
  /// Whom a token lets in.
  var tokenUsers: [String: Fixture.User] = [:]

  init(fixture: Fixture) {
    self.fixture = fixture
    places = Self.places(of: fixture)
  }

  private static func places(of fixture: Fixture) -> [String: Int] {
    Dictionary(fixture.keys.enumerated().map { ($1.serial, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The place of a key; `nil` where there is none of this serial number.
  func place(ofKey serial: String) -> Int? { places[serial] }

  /// A name that was not there before.
  mutating func name(_ kind: String) -> String {
    serial += 1
    return "\(kind)-\(serial)"
  }

  func row(_ rows: Rows, _ number: Int) -> [String: Any] {
    switch rows.source {
    case .keys(let fields):
      Self.chosen(fields, fixture.keys[number].attributes.merging(fixture.keyTexts) { $1 })
        .merging(fixture.unaskedTexts) { $1 }
    case .devices(let serial, let fields):
      Self.chosen(
        fields,
        (places[serial].map { fixture.keys[$0].device(number) } ?? [:]).merging(fixture.deviceTexts) { $1 }
      )
      .merging(fixture.unaskedTexts) { $1 }
    case .hosts(let fields): Self.chosen(fields, Self.host(number))
    }
  }

  private static func chosen(_ fields: [String], _ attributes: [String: Any]) -> [String: Any] {
    attributes.filter { fields.contains($0.key) }
  }

  private static func host(_ number: Int) -> [String: Any] {
    [
      "KLHST_WKS_HOSTNAME": "host-\(number)", "KLHST_WKS_DN": "WS-\(number)", "KLHST_WKS_OS_NAME": "Linux",
      "KLHST_WKS_LAST_VISIBLE": Wire.time("2026-11-25T10:00:00Z"),
      "KLHST_WKS_LAST_NAGENT_CONNECTED": Wire.time(""),
    ]
  }
}
