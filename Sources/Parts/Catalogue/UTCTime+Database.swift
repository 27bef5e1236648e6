internal import GRDB
internal import GRDBSQLite
import MirrorTypes

/// In the catalogue a point in time is a number, of seconds since 1970.
extension UTCTime: DatabaseValueConvertible, StatementColumnConvertible {
  var databaseValue: DatabaseValue { seconds.databaseValue }

  static func fromDatabaseValue(_ value: DatabaseValue) -> UTCTime? {
    Int64.fromDatabaseValue(value).map(UTCTime.init(seconds:))
  }

  init?(sqliteStatement statement: SQLiteStatement, index: CInt) {
    self.init(seconds: Int64(sqliteStatement: statement, index: index))
  }
}
