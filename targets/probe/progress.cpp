// SPDX-License-Identifier: MIT
#include "targets/probe/progress.h"

#include <cstdio>

namespace observatory {

void Progress::visiting(const Endpoint& endpoint) {
  if (!shown_) return;
  current_ = endpoint;
  draw();
}

void Progress::observed(bool reached) {
  ++done_;
  reached_ += reached ? 1 : 0;
  draw();
}

void Progress::clear() {
  if (!drawn_) return;
  std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

void Progress::draw() {
  if (!shown_) return;
  clear();
  const std::string_view host = current_.host.view();
  char total[24] = "";
  if (total_ > 0) {
    std::snprintf(total, sizeof total, "/%llu", static_cast<unsigned long long>(total_));
  }
  // A line that wraps could not be written over: 80 columns hold it.
  std::fprintf(
      stderr, "%llu%s done, %llu reached, %.*s:%u:%c", static_cast<unsigned long long>(done_),
      total, static_cast<unsigned long long>(reached_),
      static_cast<int>(host.size() < 40 ? host.size() : 40), host.data(),
      static_cast<unsigned>(current_.port), current_.transport == Transport::kTls ? 's' : 't');
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace observatory
