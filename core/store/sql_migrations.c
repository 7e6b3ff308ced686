/* The tables, version by version. Never edited after a release: a change is a new entry.
 * SPDX-License-Identifier: Apache-2.0 */
#include "store/sql.h"

/* Blobs stand with a CRC-32 of their row: cheap cards flip bits, and SQLite does not look. */
const char *const kith_sql_migrations[] = {
    /* 0 -> 1 */
    "CREATE TABLE meta("
    "  name TEXT PRIMARY KEY,"
    "  value"
    ") WITHOUT ROWID;"

    /* Ordinals start at 1; 0 means nothing. */
    "CREATE TABLE name("
    "  ordinal INTEGER PRIMARY KEY,"
    "  text TEXT NOT NULL UNIQUE"
    ");"
    "CREATE TABLE author("
    "  ordinal INTEGER PRIMARY KEY,"
    "  id BLOB NOT NULL UNIQUE,"
    "  space INTEGER NOT NULL,"
    "  head INTEGER NOT NULL," /* of its packed changes; the tail may go further */
    "  own INTEGER NOT NULL"
    ");"

    /* No index beside the row id: an edit is one row on one page. */
    "CREATE TABLE tail("
    "  position INTEGER PRIMARY KEY,"
    "  block BLOB NOT NULL,"
    "  checksum INTEGER NOT NULL"
    ");"
    "CREATE TABLE pack("
    "  id INTEGER PRIMARY KEY,"
    "  author INTEGER NOT NULL,"
    "  first INTEGER NOT NULL,"
    "  last INTEGER NOT NULL,"
    "  bytes BLOB NOT NULL,"
    "  checksum INTEGER NOT NULL"
    ");"
    "CREATE UNIQUE INDEX pack_author ON pack(author, first);"

    /* The row id is author << 40 | number, so a record is found without another index and an
     * author's records lie together. */
    "CREATE TABLE record("
    "  id INTEGER PRIMARY KEY,"
    "  kind INTEGER NOT NULL,"
    "  marks INTEGER NOT NULL,"
    "  changed INTEGER NOT NULL," /* ms, uncorrected */
    "  state BLOB NOT NULL,"
    "  checksum INTEGER NOT NULL"
    ");"
    "CREATE INDEX record_kind ON record(kind, changed, marks);"
    "CREATE INDEX record_marked ON record(marks) WHERE marks > 1;"
    "CREATE TABLE link("
    "  target INTEGER NOT NULL,"
    "  source INTEGER NOT NULL,"
    "  field INTEGER NOT NULL,"
    "  PRIMARY KEY(target, source, field)"
    ") WITHOUT ROWID;"
    "CREATE TABLE origin("
    "  hash INTEGER NOT NULL,"
    "  id INTEGER NOT NULL,"
    "  PRIMARY KEY(hash, id)"
    ") WITHOUT ROWID;"

    /* Words come folded (core/text/search.c), so this tokenizer only cuts at blanks; it takes all
     * bytes above 127 and '=' (the mark of sound keys) as parts of words. The text itself is not
     * kept (content=''), nor where in it words stand (detail=none): the record has it. */
    "CREATE VIRTUAL TABLE search USING fts5("
    "  words, content='', detail=none, columnsize=0, tokenize=\"ascii tokenchars '='\""
    ");"
    "PRAGMA user_version = 1;",

    /* 1 -> 2: what is shared with others */
    "CREATE TABLE segment("
    "  id INTEGER PRIMARY KEY,"
    "  author INTEGER NOT NULL,"
    "  number INTEGER NOT NULL,"
    "  first INTEGER NOT NULL," /* numbers of its changes */
    "  last INTEGER NOT NULL,"
    "  bytes BLOB NOT NULL,"
    "  checksum INTEGER NOT NULL"
    ");"
    "CREATE UNIQUE INDEX segment_number ON segment(author, number);"
    "CREATE UNIQUE INDEX segment_first ON segment(author, first);"

    /* Where an author's chain of segments stands. */
    "CREATE TABLE chain("
    "  author INTEGER PRIMARY KEY,"
    "  segment INTEGER NOT NULL,"
    "  last INTEGER NOT NULL,"
    "  told INTEGER NOT NULL,"
    "  header BLOB NOT NULL,"
    "  seen BLOB NOT NULL"
    ");"

    /* Ids are space << 32 | number. */
    "CREATE TABLE entry("
    "  id INTEGER PRIMARY KEY,"
    "  bytes BLOB NOT NULL,"
    "  checksum INTEGER NOT NULL"
    ");"
    "CREATE TABLE epoch("
    "  id INTEGER PRIMARY KEY,"
    "  key BLOB NOT NULL,"
    "  checksum INTEGER NOT NULL"
    ");"

    /* Segments that cannot be used yet, or ever; they prove themselves when they are read again.
     * Authors that may be unknown stand as a hash. */
    "CREATE TABLE waiting("
    "  id INTEGER PRIMARY KEY,"
    "  space INTEGER NOT NULL,"
    "  author INTEGER NOT NULL,"
    "  number INTEGER NOT NULL,"
    "  reason INTEGER NOT NULL,"
    "  bytes BLOB NOT NULL"
    ");"
    "CREATE INDEX waiting_author ON waiting(author, number);"
    "PRAGMA user_version = 2;",

    /* 2 -> 3: what is carried by hand. Of other spaces than the replica's own: their charters stand
     * in entry, by the ordinal given here. */
    "CREATE TABLE carried_space("
    "  ordinal INTEGER PRIMARY KEY,"
    "  space BLOB NOT NULL UNIQUE"
    ");"

    /* Author and header are the first eight bytes of the author's id and of the header's hash: a
     * member of that space could make two headers alike by great work, and only its own. */
    "CREATE TABLE carried("
    "  space INTEGER NOT NULL,"
    "  author INTEGER NOT NULL,"
    "  number INTEGER NOT NULL,"
    "  header INTEGER NOT NULL,"
    "  bytes BLOB NOT NULL,"
    "  checksum INTEGER NOT NULL"
    ");"
    "CREATE UNIQUE INDEX carried_segment ON carried(space, author, number, header);"

    /* What other devices said last to hold of the own space. */
    "CREATE TABLE holding("
    "  device BLOB PRIMARY KEY,"
    "  heads BLOB NOT NULL"
    ") WITHOUT ROWID;"
    "PRAGMA user_version = 3;"};

const size_t kith_sql_migration_count = sizeof kith_sql_migrations / sizeof kith_sql_migrations[0];
