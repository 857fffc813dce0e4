// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "targets/observatory/store/recent.h"
#include "targets/observatory/store/sqlite.h"

namespace observatory::host {

// Rows that stand once: gives the number of the one with a content, and makes it when there is
// none. Remembers those that were asked for last. Only inside a transaction.
class RowFinder {
 public:
  // `find` selects the id of a row, `insert` makes one.
  RowFinder(Database& database, std::string_view find, std::string_view insert)
      : database_(database), find_(database, find), insert_(database, insert) {}

  // `key` is the content as one text. `bind_find` and `bind_insert` bind the parameters of the
  // statement that they are given.
  template <typename BindFind, typename BindInsert>
  std::int64_t row_of(const std::string& key, BindFind bind_find, BindInsert bind_insert) {
    if (const std::int64_t* const known = recent_.find(key)) return *known;
    return recent_.put(key, find_or_make(bind_find, bind_insert), key.size() * 2);
  }

  // The same where both statements take the same.
  template <typename Bind>
  std::int64_t row_of(const std::string& key, Bind bind) {
    return row_of(key, bind, bind);
  }

 private:
  template <typename BindFind, typename BindInsert>
  std::int64_t find_or_make(BindFind bind_find, BindInsert bind_insert) {
    bind_find(find_);
    if (const Row row(find_); row) return row->number(0);
    bind_insert(insert_);
    insert_.run();
    return database_.last_row();
  }

  static constexpr std::size_t kMostBytes = std::size_t{8} << 20;

  Database& database_;
  Statement find_;
  Statement insert_;
  Recent<std::string, std::int64_t> recent_{kMostBytes};
};

}  // namespace observatory::host
