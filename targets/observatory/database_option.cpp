// SPDX-License-Identifier: MIT
#include "targets/observatory/database_option.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <stdexcept>

namespace observatory::host {
namespace {

// The XDG Base Directory Specification: a path that is not absolute is invalid and passed over.
std::string folder_in(const char* variable) {
  const char* const value = std::getenv(variable);
  return value != nullptr && value[0] == '/' ? value : "";
}

}  // namespace

void DatabaseOption::add_to(CLI::App& command) {
  command
      .add_option("--db", path_,
                  "The database; default: electrum-observatory/observatory.db\n"
                  "in $XDG_DATA_HOME or ~/.local/share")
      ->option_text("FILE");
}

std::string DatabaseOption::path() const {
  if (!path_.empty()) return path_;
  std::string folder = folder_in("XDG_DATA_HOME");
  if (folder.empty()) {
    folder = folder_in("HOME");
    if (folder.empty()) {
      throw std::runtime_error("no place for the database: neither --db nor HOME says where it is");
    }
    folder += "/.local/share";
  }
  return folder + "/electrum-observatory/observatory.db";
}

}  // namespace observatory::host
