internal import GRDB

/// The tables of the catalogue, and how each version of the program changed them.
///
/// A change that was once released is never edited: the next one goes below it.
package enum CatalogueSchema {
  /// Marks the file as ours: "KSCM" in the header of the database.
  package static let applicationID: Int32 = 0x4B53_434D

  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 objects, snapshots, releases", foreignKeyChecks: .immediate) { db in
      try db.execute(sql: first)
    }
    migrator.registerMigration("2 vendor digests", foreignKeyChecks: .immediate) { db in
      try db.execute(sql: second)
    }
    migrator.registerMigration("3 served paths", foreignKeyChecks: .immediate) { db in
      try db.execute(sql: third)
    }
    migrator.registerMigration("4 publications that are owed or held back", foreignKeyChecks: .immediate) { db in
      try db.execute(sql: fourth)
    }
    migrator.registerMigration("5 absences", foreignKeyChecks: .immediate) { db in
      try db.execute(sql: fifth)
    }
    migrator.registerMigration("6 selections", foreignKeyChecks: .immediate) { db in
      try db.execute(sql: sixth)
    }
    migrator.registerMigration("7 rollbacks", foreignKeyChecks: .immediate) { db in
      try db.execute(sql: seventh)
    }
    return migrator
  }

  private static let seventh = """
    -- The snapshots that a person went back from, and since when: neither they nor any other snapshot with the same tree
    -- are used again unasked. They are remembered when the snapshot itself is gone.
    CREATE TABLE rolled_back (
      snapshot INTEGER PRIMARY KEY,
      tree BLOB NOT NULL CHECK (length(tree) = 32),
      since INTEGER NOT NULL
    ) STRICT;
    INSERT INTO rolled_back (snapshot, tree, since)
    SELECT snapshot.number, snapshot.tree, held.since FROM snapshot, held
    WHERE held.cause = 'rollback' AND snapshot.selected_from IS NULL
      AND snapshot.number > held.instead AND snapshot.number <= held.up_to;
    """

  private static let sixth = """
    -- Of a smaller selection that this store made of another snapshot, to be carried: that one's number. It is never
    -- published here, and is not a state of the sources.
    ALTER TABLE snapshot ADD COLUMN selected_from INTEGER;
    UPDATE snapshot SET selected_from = json_extract(notes, '$.selection.of')
    WHERE bundle IS NULL AND json_valid(notes) AND json_type(notes, '$.selection.of') = 'integer';
    """

  private static let fifth = """
    -- Of a file that should be there and is not: how often in a row it was asked for in vain, with which status it was
    -- refused, and whether a person was told.
    ALTER TABLE known ADD COLUMN asks INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE known ADD COLUMN refusal INTEGER;
    ALTER TABLE known ADD COLUMN reported INTEGER NOT NULL DEFAULT 0;
    """

  private static let fourth = """
    -- Why the newest snapshot is not the one that is published: at most one row. No snapshot up to the number `up_to` is
    -- published by itself; `instead` is what is published, `previous` what was before.
    CREATE TABLE held (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      up_to INTEGER NOT NULL,
      instead INTEGER,
      previous INTEGER,
      since INTEGER NOT NULL,
      cause TEXT NOT NULL
    ) STRICT;

    -- What was begun with a snapshot, and whose last step is not known to be done: it is made good by the next run.
    CREATE TABLE owed (
      snapshot INTEGER NOT NULL REFERENCES snapshot (number) ON DELETE CASCADE,
      task TEXT NOT NULL,
      PRIMARY KEY (snapshot, task)
    ) STRICT, WITHOUT ROWID;

    -- A rollback from before this table, which no later run has ended.
    INSERT INTO held (id, up_to, instead, since, cause)
    SELECT 1, (SELECT max(number) FROM snapshot), past.snapshot, past.finished, 'rollback' FROM run past
    WHERE past.id = (SELECT max(id) FROM run WHERE job = 'rollback' AND outcome = 'ok')
      AND past.snapshot < (SELECT max(number) FROM snapshot)
      AND NOT EXISTS (SELECT 1 FROM run later WHERE later.id > past.id AND later.job = 'import' AND later.outcome = 'ok')
      AND NOT EXISTS (SELECT 1 FROM snapshot later WHERE later.bundle IS NULL AND later.created > past.finished);

    -- An older bundle that was imported on purpose after a newer one had been published.
    INSERT OR IGNORE INTO held (id, up_to, instead, since, cause)
    SELECT 1, newest.number, past.snapshot, past.finished, 'older bundle'
    FROM run past, (SELECT max(number) AS number FROM snapshot WHERE bundle IS NOT NULL) newest
    WHERE past.id = (SELECT max(id) FROM run WHERE job IN ('import', 'rollback') AND outcome = 'ok')
      AND past.job = 'import' AND past.snapshot < newest.number
      AND EXISTS (SELECT 1 FROM release WHERE release.number = newest.number);
    """

  private static let third = """
    -- What each path has had in the current release, and since when, in seconds since 1970: it never goes back, whatever
    -- release becomes current, so that it can be told to clients as the time of the last change.
    CREATE TABLE served (
      path INTEGER PRIMARY KEY REFERENCES path (id) ON DELETE CASCADE,
      digest BLOB NOT NULL CHECK (length(digest) = 32),
      since INTEGER NOT NULL
    ) STRICT;
    """

  private static let second = """
    -- The vendor's hash of an object's content, so that it is computed once.
    CREATE TABLE vendor_hash (
      object INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE CASCADE,
      hash BLOB NOT NULL CHECK (length(hash) = 32)
    ) STRICT;
    """

  /// A `version` is one path with one object and what is known about how it came; snapshots share those of files that
  /// did not change between them, so that a day costs two small rows a file.
  private static let first = """
    CREATE TABLE object (
      id INTEGER PRIMARY KEY,
      digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
      size INTEGER NOT NULL CHECK (size >= 0)
    ) STRICT;

    CREATE TABLE path (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE
    ) STRICT;

    -- Sources, components, servers and bundles: few, each stored once.
    CREATE TABLE name (
      id INTEGER PRIMARY KEY,
      text TEXT NOT NULL UNIQUE
    ) STRICT;

    CREATE TABLE version (
      id INTEGER PRIMARY KEY,
      path INTEGER NOT NULL REFERENCES path (id),
      object INTEGER NOT NULL REFERENCES object (id),
      source INTEGER NOT NULL REFERENCES name (id),
      component INTEGER NOT NULL REFERENCES name (id),
      named_by INTEGER REFERENCES name (id),
      origin INTEGER REFERENCES name (id),
      fetched INTEGER NOT NULL,
      modified INTEGER
    ) STRICT;
    CREATE INDEX version_path ON version (path, object);
    CREATE INDEX version_object ON version (object);

    CREATE TABLE snapshot (
      number INTEGER PRIMARY KEY AUTOINCREMENT CHECK (number > 0),
      created INTEGER NOT NULL,
      tree BLOB NOT NULL CHECK (length(tree) = 32),
      files INTEGER NOT NULL,
      bytes INTEGER NOT NULL,
      bundle TEXT,
      notes TEXT NOT NULL
    ) STRICT;

    CREATE TABLE member (
      snapshot INTEGER NOT NULL REFERENCES snapshot (number),
      path INTEGER NOT NULL,
      version INTEGER NOT NULL REFERENCES version (id),
      PRIMARY KEY (snapshot, path)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX member_version ON member (version);

    CREATE TABLE release (
      number INTEGER PRIMARY KEY REFERENCES snapshot (number),
      published INTEGER NOT NULL,
      copied INTEGER NOT NULL
    ) STRICT;

    -- What the last syncs learned about the files of a source.
    CREATE TABLE known (
      path INTEGER NOT NULL REFERENCES path (id),
      source INTEGER NOT NULL REFERENCES name (id),
      object INTEGER REFERENCES object (id),
      size INTEGER NOT NULL,
      etag TEXT,
      last_modified TEXT,
      fingerprint INTEGER,
      server INTEGER REFERENCES name (id),
      absent INTEGER NOT NULL,
      fetched INTEGER NOT NULL,
      checked BLOB,
      PRIMARY KEY (path, source)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX known_object ON known (object);

    CREATE TABLE source_state (
      source INTEGER PRIMARY KEY REFERENCES name (id),
      configuration TEXT NOT NULL,
      finished INTEGER,
      notes TEXT NOT NULL
    ) STRICT;

    -- Objects that verify found damaged, until whole bytes have come again.
    CREATE TABLE damaged (
      object INTEGER PRIMARY KEY REFERENCES object (id) ON DELETE CASCADE
    ) STRICT;

    -- Objects that prune has struck out but may not have removed yet.
    CREATE TABLE condemned (
      digest BLOB PRIMARY KEY,
      size INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE run (
      id INTEGER PRIMARY KEY,
      job TEXT NOT NULL,
      started INTEGER NOT NULL,
      finished INTEGER NOT NULL,
      outcome TEXT NOT NULL,
      message TEXT NOT NULL,
      snapshot INTEGER
    ) STRICT;
    """
}
