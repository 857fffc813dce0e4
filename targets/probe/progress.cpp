// SPDX-License-Identifier: MIT
#include "targets/probe/progress.h"

#include <unistd.h>

#include <array>

#include "core/base/number.h"
#include "core/base/text_buffer.h"
#include "targets/probe/console.h"

namespace observatory {
void Progress::visiting(const Endpoint& endpoint) {
  current_ = endpoint;
  draw();
}

void Progress::observed(bool reached) {
  ++done_;
  reached_ += reached ? 1 : 0;
  draw();
}

void Progress::clear() {
  if (drawn_) show_line({});
  drawn_ = false;
}

void Progress::draw() {
  if (!shown_) return;
  // A line that wraps could not be written over: 80 columns hold it.
  TextBuffer<160> line;
  put_unsigned(done_, line);
  if (total_ >= done_ && total_ > 0) {
    line.put("/");
    put_unsigned(total_, line);
  }
  line.put(" done, ");
  put_unsigned(reached_, line);
  line.put(" reached, ");
  line.put(current_.host.view().substr(0, 40));
  line.put(":");
  put_unsigned(current_.port, line);
  line.put(current_.transport == Transport::kTls ? ":s" : ":t");
  show_line(line.text());
  drawn_ = true;
}

void Progress::show_line(std::string_view line) const {
  std::array<std::uint8_t, 200> buffer;
  DescriptorSink error(STDERR_FILENO, buffer);
  if (drawn_) error.put(kClearLine);
  error.put(line);
  static_cast<void>(error.flush());
}

}  // namespace observatory
