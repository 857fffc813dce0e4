// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "core/run/endpoint.h"

namespace observatory {

// One line on a terminal's standard error that is written over and over:
//
//   17/168 done, 12 reached, electrum.example.org:50002:s
//
// Does nothing unless shown.
class Progress {
 public:
  // `total` 0: not known. Shown until there is more: a name may have several addresses to visit.
  void show(std::uint64_t total) {
    shown_ = true;
    total_ = total;
  }

  void visiting(const Endpoint& endpoint);
  void observed(bool reached);

  // Removes the line, so that something else can be written.
  void clear();

 private:
  void draw();
  void show_line(std::string_view line) const;

  bool shown_ = false;
  bool drawn_ = false;
  std::uint64_t total_ = 0;
  std::uint64_t done_ = 0;
  std::uint64_t reached_ = 0;
  Endpoint current_;
};

}  // namespace observatory
