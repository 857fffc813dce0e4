// SPDX-License-Identifier: MIT
#include "targets/observatory/store/sqlite.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>

#include "targets/observatory/store/store_error.h"

namespace observatory::host {
namespace {

constexpr int kLongestWait = 60'000;  // ms

// SQLite's own handler waits up to 100 ms between two looks, in which a process that writes batch
// after batch always has the lock again. Looking each millisecond finds the gap that
// Store::commit() leaves.
int wait_a_little(void*, int times) {
  if (times >= kLongestWait) return 0;
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return 1;
}

// SQLite would take these as something else than a file's name.
std::string as_file_name(const std::string& path) {
  return path.empty() || path.front() == ':' ? "./" + path : path;
}

}  // namespace

void Database::Close::operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }

Database::Database(const std::string& path, Mode mode) : path_(path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) == 0) {
    if (S_ISDIR(found.st_mode)) fail("is a folder, and no database");
    if (!S_ISREG(found.st_mode)) fail("is no regular file, and no database");
  } else if (errno != ENOENT || mode == Mode::kQuestions) {
    fail(std::generic_category().message(errno));
  }

  // Questions, too, open the file for writing where they can: what a killed ingest left behind is
  // taken back by whoever comes next, and that is a change of the file.
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOMUTEX |
                    (mode == Mode::kChanges ? SQLITE_OPEN_CREATE : 0);
  sqlite3* connection = nullptr;
  const int result = sqlite3_open_v2(as_file_name(path).c_str(), &connection, flags, nullptr);
  connection_.reset(connection);
  if (result != SQLITE_OK) fail_as_sqlite_says();
  sqlite3_busy_handler(connection, wait_a_little, nullptr);

  // The file may come from a stranger: what its schema says runs no function with side effects.
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  if (mode == Mode::kQuestions) execute("PRAGMA query_only = ON");
}

Database::~Database() = default;

void Database::execute(const std::string& sql) {
  if (sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    fail_as_sqlite_says();
  }
}

std::optional<std::int64_t> Database::number(const std::string& sql) {
  Statement statement(*this, sql);
  if (!statement.step() || statement.is_none(0)) return std::nullopt;
  return statement.number(0);
}

bool Database::writable() const { return sqlite3_db_readonly(connection_.get(), "main") == 0; }

int Database::changes() const { return sqlite3_changes(connection_.get()); }

std::int64_t Database::last_row() const { return sqlite3_last_insert_rowid(connection_.get()); }

void Database::fail(const std::string& what) const { throw StoreError(path_ + ": " + what); }

void Database::fail_as_sqlite_says() const {
  sqlite3* const connection = connection_.get();
  if (connection == nullptr) fail("no memory left");
  std::string what = sqlite3_errmsg(connection);
  switch (sqlite3_errcode(connection) & 0xff) {
    case SQLITE_NOTADB:
      fail("is no database");
    case SQLITE_CORRUPT:
      what = "the database is damaged (" + what + ")";
      break;
    case SQLITE_FULL:
      what = "no room is left on the disk";
      break;
    case SQLITE_BUSY:
      what = "another process has had it locked for more than a minute";
      break;
    case SQLITE_READONLY:
      what = sqlite3_extended_errcode(connection) == SQLITE_READONLY_ROLLBACK
                 ? "an ingest was cut off, and what it left cannot be taken back where nothing "
                   "can be written; ask once where that is possible"
                 : "cannot be written: it, or its folder, is read-only";
      break;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
      if (const int why = sqlite3_system_errno(connection); why != 0) {
        what += " (" + std::generic_category().message(why) + ")";
      }
      break;
    default:
      break;
  }
  fail(what);
}

void Statement::Finish::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Statement::Statement(Database& database, std::string_view sql) : database_(database) {
  sqlite3_stmt* statement = nullptr;
  const int result =
      sqlite3_prepare_v3(database.connection_.get(), sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  statement_.reset(statement);
  if (result != SQLITE_OK) database.fail_as_sqlite_says();
}

Statement::~Statement() = default;

Statement& Statement::bind(std::int64_t number) {
  if (sqlite3_bind_int64(statement_.get(), ++bound_, number) != SQLITE_OK) {
    database_.fail_as_sqlite_says();
  }
  return *this;
}

Statement& Statement::bind(std::string_view text) {
  // A null pointer would be NULL, and an empty view may hold one.
  if (sqlite3_bind_text64(statement_.get(), ++bound_, text.empty() ? "" : text.data(), text.size(),
                          SQLITE_STATIC, SQLITE_UTF8) != SQLITE_OK) {
    database_.fail_as_sqlite_says();
  }
  return *this;
}

Statement& Statement::bind(ByteView blob) {
  if (sqlite3_bind_blob64(statement_.get(), ++bound_,
                          blob.empty() ? static_cast<const void*>("") : blob.data(), blob.size(),
                          SQLITE_STATIC) != SQLITE_OK) {
    database_.fail_as_sqlite_says();
  }
  return *this;
}

Statement& Statement::bind_none() {
  if (sqlite3_bind_null(statement_.get(), ++bound_) != SQLITE_OK) database_.fail_as_sqlite_says();
  return *this;
}

bool Statement::step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result != SQLITE_DONE) {
    // reset() would overwrite the reason.
    bound_ = 0;
    database_.fail_as_sqlite_says();
  }
  reset();
  return false;
}

void Statement::run() {
  while (step()) {
  }
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
  bound_ = 0;
}

std::int64_t Statement::number(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

bool Statement::is_none(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::string_view Statement::text(int column) const {
  const auto* const text =
      reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

ByteView Statement::blob(int column) const {
  const auto* const bytes =
      static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_.get(), column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::optional<std::uint32_t> Statement::maybe(int column) const {
  const std::int64_t value = number(column);
  if (value == 0 && is_none(column)) return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

Transaction::Transaction(Database& database, Kind kind) : database_(database) {
  database_.execute(kind == Kind::kWriting ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
  // An error may have ended it already; there is nothing to do about another one.
  if (open_) {
    try {
      database_.execute("ROLLBACK");
    } catch (const StoreError&) {
    }
  }
}

void Transaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

}  // namespace observatory::host
