// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace observatory::host {

// --db FILE, which every command has that uses the database. Its default is
// $XDG_DATA_HOME/electrum-observatory/observatory.db, or below ~/.local/share.
class DatabaseOption {
 public:
  void add_to(CLI::App& command);
  // Throws std::runtime_error where neither the option nor the environment names a folder.
  std::string path() const;

 private:
  std::string path_;
};

}  // namespace observatory::host
