// SPDX-License-Identifier: MIT
#include "targets/observatory/store/schema.h"

#include <string>

namespace observatory::host {
namespace {

// Records first, then what questions are asked of.
//
// record.id is run * 2^32 + seq, with 0 as the seq of the run record: one number that SQLite finds
// by without an index, under which a log's records lie side by side.
//
// observation lies in the order of time, so that a window is one piece of it, in the order in
// which it is asked for, without an index.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE vantage (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  vantage INTEGER NOT NULL REFERENCES vantage,
  name BLOB NOT NULL,
  -- Of the run record, as soon as it is there.
  t INTEGER,
  software TEXT,
  tls_newest TEXT,
  chain TEXT,
  knew_date INTEGER NOT NULL DEFAULT 1,
  -- Of the end record.
  ended INTEGER NOT NULL DEFAULT 0,
  observations INTEGER,
  -- Rows of observation, and of these the ones whose time cannot be; first and last of the others.
  held INTEGER NOT NULL DEFAULT 0,
  misdated INTEGER NOT NULL DEFAULT 0,
  first_t INTEGER,
  last_t INTEGER,
  UNIQUE (vantage, name)
) STRICT;

CREATE TABLE base (
  id INTEGER PRIMARY KEY,
  endpoint INTEGER NOT NULL,
  outcome INTEGER NOT NULL,
  packed BLOB NOT NULL
) STRICT;
CREATE INDEX base_of_endpoint ON base (endpoint, outcome);

CREATE TABLE record (
  id INTEGER PRIMARY KEY,
  base INTEGER NOT NULL REFERENCES base,
  packed BLOB
) STRICT;

CREATE TABLE raw (
  id INTEGER PRIMARY KEY REFERENCES record,
  packed BLOB NOT NULL
) STRICT;

CREATE TABLE conflict (
  id INTEGER NOT NULL,
  hash BLOB NOT NULL,
  packed BLOB NOT NULL,
  PRIMARY KEY (id, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE endpoint (
  id INTEGER PRIMARY KEY,
  host TEXT NOT NULL,
  port INTEGER NOT NULL,
  transport INTEGER NOT NULL,
  UNIQUE (host, port, transport)
) STRICT;

CREATE TABLE address (
  id INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL UNIQUE
) STRICT;

CREATE TABLE certificate (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  sha256 TEXT,
  spki_sha256 TEXT,
  subject TEXT,
  issuer TEXT,
  serial TEXT,
  key TEXT,
  signature TEXT,
  san TEXT,
  not_before INTEGER,
  not_after INTEGER,
  self_signed INTEGER
) STRICT;

CREATE TABLE facts (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  software TEXT,
  protocol TEXT,
  protocol_min TEXT,
  protocol_max TEXT,
  server_version TEXT,
  genesis_hash TEXT,
  hash_function TEXT,
  donation TEXT,
  banner_sha256 TEXT,
  hosts TEXT,
  tls_version TEXT,
  cipher TEXT,
  ja3s TEXT,
  jarm TEXT,
  ticket_key TEXT,
  certificate INTEGER REFERENCES certificate,
  name_matches INTEGER,
  trusted INTEGER
) STRICT;

-- The list itself is read from the record that had it first.
CREATE TABLE peers (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  record INTEGER NOT NULL REFERENCES record
) STRICT;

CREATE TABLE changed (
  id INTEGER PRIMARY KEY,
  names TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE observation (
  t INTEGER NOT NULL,
  run INTEGER NOT NULL REFERENCES run,
  seq INTEGER NOT NULL,
  flags INTEGER NOT NULL, -- 1 misdated, 2 proxied, 4 retransmitted
  outcome INTEGER NOT NULL,
  endpoint INTEGER NOT NULL REFERENCES endpoint,
  address INTEGER REFERENCES address,
  facts INTEGER REFERENCES facts,
  peers INTEGER REFERENCES peers,
  connect_us INTEGER,
  tls_us INTEGER,
  version_us INTEGER,
  ping_us INTEGER,
  min_rtt_us INTEGER,
  tip_height INTEGER,
  visit INTEGER,
  changed INTEGER REFERENCES changed,
  PRIMARY KEY (t, run, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE known (
  list TEXT NOT NULL,
  endpoint INTEGER NOT NULL REFERENCES endpoint,
  PRIMARY KEY (list, endpoint)
) STRICT, WITHOUT ROWID;
)sql";

constexpr const char* kSteps[] = {kVersion1};

// Which of the steps are done; 0 for a file without tables of anybody's.
std::size_t version_of(Database& database, SchemaSteps steps) {
  const std::int64_t application = database.number("PRAGMA application_id").value_or(0);
  const std::int64_t version = database.number("PRAGMA user_version").value_or(0);
  const bool bare = database.number("SELECT count(*) FROM sqlite_schema").value_or(0) == 0;
  if (application == 0 && version == 0 && bare) return 0;
  if (application != kApplicationId || version < 1) {
    database.fail("is a database of another program");
  }
  if (version > static_cast<std::int64_t>(steps.size())) {
    database.fail("was written by a newer electrum-observatory (its schema is version " +
                  std::to_string(version) + ", this program knows " + std::to_string(steps.size()) +
                  ")");
  }
  return static_cast<std::size_t>(version);
}

}  // namespace

SchemaSteps schema_steps() { return kSteps; }

void prepare_schema(Database& database, bool change, SchemaSteps steps) {
  std::size_t version = 0;
  {
    const Transaction one_moment(database, Transaction::Kind::kReading);
    version = version_of(database, steps);
  }
  if (version == steps.size()) return;
  if (!change && version == 0) database.fail("is empty");
  if (!change) {
    database.fail(
        "was written by an older electrum-observatory; the next ingest brings it forward");
  }
  Transaction transaction(database);
  version = version_of(database, steps);  // another process may have been quicker
  for (; version < steps.size(); ++version) database.execute(steps[version]);
  database.execute("PRAGMA application_id = " + std::to_string(kApplicationId));
  database.execute("PRAGMA user_version = " + std::to_string(version));
  transaction.commit();
}

}  // namespace observatory::host
