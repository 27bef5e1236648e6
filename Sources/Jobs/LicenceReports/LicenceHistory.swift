import Languages
import MirrorTypes
import SiteDocuments

/// What changed of a licence between two documents.
package enum LicenceChange: Hashable, Sendable {
  /// It is new.
  case new(LicenceKey)
  /// It is gone.
  case gone(LicenceKey)
  /// It runs longer than before.
  case renewed(LicenceKey, from: UTCTime, to: UTCTime?)
  /// It ends sooner than before.
  case shortened(LicenceKey, from: UTCTime?, to: UTCTime)
  /// It is good for another number of devices.
  case limitChanged(LicenceKey, from: Int?, to: Int?)
  /// More or fewer devices use it.
  case useChanged(LicenceKey, from: Int, to: Int)
  /// It has got into a state that is worth a warning: it expires soon, is expired, blocked, exhausted.
  case became(LicenceKey, LicenceState)

  /// The licence.
  package var key: LicenceKey {
    switch self {
    case .new(let key), .gone(let key), .renewed(let key, _, _), .shortened(let key, _, _),
      .limitChanged(let key, _, _), .useChanged(let key, _, _), .became(let key, _):
      key
    }
  }

  /// The change in a sentence, with the licence's serial number and safe to print.
  package func sentence(in language: Language) -> String {
    let name = SafeText.printable(key.serial)
    func day(_ time: UTCTime?) -> String { time.map(language.day) ?? language.text(.noEnd) }
    func number(_ number: Int?) -> String { number.map { language.number($0) } ?? language.text(.noLimit) }
    switch self {
    case .new:
      let product = key.text(.product).map(SafeText.printable) ?? language.text(.productUnknown)
      return language.text(.isNew, name, product)
    case .gone: return language.text(.isGone, name)
    case .renewed(_, let from, let to): return language.text(.renewed, name, day(to), day(from))
    case .shortened(_, let from, let to): return language.text(.endsSooner, name, day(to), day(from))
    case .limitChanged(_, let from, let to): return language.text(.otherLimit, name, number(to), number(from))
    case .useChanged(_, let from, let to):
      let (devices, difference) = (language.count(to, .devices), language.number(abs(to - from)))
      return language.text(to > from ? .usedMore : .usedFewer, name, devices, difference)
    case .became(_, let state): return language.text(.became, name, state.word(in: language))
    }
  }
}

/// Documents of one site over time.
package struct LicenceHistory: Hashable, Sendable {
  /// The documents, oldest first; of several made at the same time, the last that was given.
  package let documents: [LicenceDocument]

  /// A history of documents in any order.
  package init(_ documents: [LicenceDocument]) {
    var byTime: [UTCTime: LicenceDocument] = [:]
    for document in documents { byTime[document.header.made] = document }
    self.documents = byTime.values.sorted { $0.header.made < $1.header.made }
  }

  /// The newest document.
  package var newest: LicenceDocument? { documents.last }

  /// What changed between the newest two documents; nothing if there are fewer.
  package func latestChanges(warnDays: Int) -> [LicenceChange] {
    guard let newest, let before = documents.dropLast().last else { return [] }
    return Self.changes(from: before, to: newest, warnDays: warnDays)
  }

  /// The numbers of devices that used a licence, with the times, oldest first.
  package func usage(of serial: String) -> [(time: UTCTime, inUse: Int)] {
    usages[serial] ?? []
  }

  /// The same for all licences at once.
  package var usages: [String: [(time: UTCTime, inUse: Int)]] {
    var usages: [String: [(time: UTCTime, inUse: Int)]] = [:]
    for document in documents {
      for key in document.keys {
        if let inUse = key.number(.inUse) { usages[key.serial, default: []].append((document.header.made, inUse)) }
      }
    }
    return usages
  }

  /// What changed between two documents, each judged at the time it was made; in the order of the serial numbers.
  package static func changes(from old: LicenceDocument, to new: LicenceDocument, warnDays: Int) -> [LicenceChange] {
    let before = Dictionary(old.keys.map { ($0.serial, $0) }, uniquingKeysWith: { $1 })
    let after = Dictionary(new.keys.map { ($0.serial, $0) }, uniquingKeysWith: { $1 })
    let serials = Set(before.keys).union(after.keys).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    return serials.flatMap { serial -> [LicenceChange] in
      switch (before[serial], after[serial]) {
      case (nil, let key?): return [.new(key)]
      case (let key?, nil): return [.gone(key)]
      case (let old?, let new?): return changes(from: old, to: new) + states(old, new)
      case (nil, nil): return []
      }
    }
    func states(_ first: LicenceKey, _ second: LicenceKey) -> [LicenceChange] {
      let was = LicenceAssessment(first, now: old.header.made, warnDays: warnDays)
      let now = LicenceAssessment(second, now: new.header.made, warnDays: warnDays)
      guard now.urgency > .fine else { return [] }
      let plain: Set<LicenceState> = [.active, .reserve, .unused]
      return now.states.filter { !plain.contains($0) && !was.states.contains($0) }.map { .became(second, $0) }
    }
  }

  private static func changes(from old: LicenceKey, to new: LicenceKey) -> [LicenceChange] {
    var changes: [LicenceChange] = []
    switch (old.expiry, new.expiry) {
    case (let from?, nil): changes.append(.renewed(new, from: from, to: nil))
    case (let from, let to?) where from.map({ to < $0 }) ?? true:
      changes.append(.shortened(new, from: from, to: to))
    case (let from?, let to?) where to > from: changes.append(.renewed(new, from: from, to: to))
    default: break
    }
    if old.deviceLimit != new.deviceLimit {
      changes.append(.limitChanged(new, from: old.deviceLimit, to: new.deviceLimit))
    }
    if let from = old.number(.inUse), let to = new.number(.inUse), from != to {
      changes.append(.useChanged(new, from: from, to: to))
    }
    return changes
  }
}
