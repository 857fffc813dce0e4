// SPDX-License-Identifier: MIT
// SQLite's C API with owners and errors: what the store needs of it, and nothing else.
// Everything here throws StoreError, whose message begins with the file.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "platform/interface/bytes.h"

struct sqlite3;
struct sqlite3_stmt;

namespace observatory::host {

// One connection to a database file.
class Database {
 public:
  enum class Mode : std::uint8_t {
    kQuestions,  // the file must be there; nothing can be changed
    kChanges,    // the file is made when it is missing
  };

  // A file that another process has locked is waited for, a minute at the most, here and below.
  Database(const std::string& path, Mode mode);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Any number of statements without parameters and results.
  void execute(const std::string& sql);

  // The first column of the first row of a statement; absent without a row, or where it is NULL.
  std::optional<std::int64_t> number(const std::string& sql);

  bool writable() const;
  int changes() const;            // rows that the last INSERT, UPDATE or DELETE met
  std::int64_t last_row() const;  // that was inserted
  const std::string& path() const { return path_; }

  [[noreturn]] void fail(const std::string& what) const;  // "<path>: <what>"
  [[noreturn]] void fail_as_sqlite_says() const;

 private:
  friend class Statement;

  struct Close {
    void operator()(sqlite3* connection) const;
  };

  std::string path_;
  std::unique_ptr<sqlite3, Close> connection_;
};

// A prepared statement, to be used again and again. Parameters are bound in their order; texts and
// blobs must live until the statement has run. An absent value, and row number 0, is NULL.
//
//   find.bind(host).bind(port);
//   while (find.step()) use(find.number(0));
//
// After step() gave false, or after reset(), it can be bound anew.
class Statement {
 public:
  Statement(Database& database, std::string_view sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(std::int64_t number);
  Statement& bind(std::string_view text);
  Statement& bind(ByteView blob);
  Statement& bind_none();
  template <typename Number>
  Statement& bind(const std::optional<Number>& number) {
    return number ? bind(static_cast<std::int64_t>(*number)) : bind_none();
  }
  Statement& bind_row(std::int64_t row) { return row != 0 ? bind(row) : bind_none(); }
  // Empty is NULL.
  Statement& bind_text_or_none(std::string_view text) {
    return text.empty() ? bind_none() : bind(text);
  }

  // True: there is a row. False: it is done, and reset.
  bool step();
  // Runs a statement of which no row is wanted.
  void run();
  void reset();

  // Columns of the row, from 0; NULL is 0, empty, absent. Views live until the next step().
  std::int64_t number(int column) const;
  bool is_none(int column) const;
  std::string_view text(int column) const;
  ByteView blob(int column) const;
  std::optional<std::uint32_t> maybe(int column) const;

 private:
  struct Finish {
    void operator()(sqlite3_stmt* statement) const;
  };

  Database& database_;
  std::unique_ptr<sqlite3_stmt, Finish> statement_;
  int bound_ = 0;
};

// Resets a statement that gave a row when the reader has enough of it.
class Row {
 public:
  explicit Row(Statement& statement) : statement_(statement), found_(statement.step()) {}
  ~Row() { statement_.reset(); }
  Row(const Row&) = delete;
  Row& operator=(const Row&) = delete;

  explicit operator bool() const { return found_; }
  const Statement* operator->() const { return &statement_; }

 private:
  Statement& statement_;
  bool found_;
};

// From here to commit() nothing that is written counts; without commit() it never does.
class Transaction {
 public:
  enum class Kind : std::uint8_t {
    kReading,  // all that is read inside is of one moment
    kWriting,  // and stays true, because other writers are locked out
  };

  explicit Transaction(Database& database, Kind kind = Kind::kWriting);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace observatory::host
