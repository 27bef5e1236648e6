internal import GRDB

/// Names of sources, components, indexes and servers, and the numbers that stand for them. Each is looked up once.
final class NameTable {
  private let db: Database
  private var numbers: [String: Int64] = [:]
  private var texts: [Int64: String] = [:]

  init(_ db: Database) { self.db = db }

  /// The number of a name, given to it now if it has none.
  func id(of name: String) throws -> Int64 {
    if let id = numbers[name] { return id }
    let find = try db.cachedStatement(sql: "SELECT id FROM name WHERE text = ?")
    if let id = try Int64.fetchOne(find, arguments: [name]) {
      numbers[name] = id
      return id
    }
    try db.cachedStatement(sql: "INSERT INTO name (text) VALUES (?)").execute(arguments: [name])
    numbers[name] = db.lastInsertedRowID
    return db.lastInsertedRowID
  }

  /// The name with a number: one string, however often it is asked for.
  func text(of id: Int64) throws -> String {
    if let text = texts[id] { return text }
    let find = try db.cachedStatement(sql: "SELECT text FROM name WHERE id = ?")
    guard let text = try String.fetchOne(find, arguments: [id]) else { throw CatalogueDamage.name }
    texts[id] = text
    return text
  }

  /// The same for a number that may be NULL.
  func text(of id: Int64?) throws -> String? { try id.map(text(of:)) }
}
