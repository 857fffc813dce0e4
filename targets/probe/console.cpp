// SPDX-License-Identifier: MIT
#include "targets/probe/console.h"

#include <unistd.h>

#include <cstring>

#include "core/base/number.h"
#include "platform/posix/errno_mapping.h"

namespace observatory {

void complain(std::initializer_list<std::string_view> parts) {
  std::array<std::uint8_t, 1024> buffer;
  DescriptorSink error(STDERR_FILENO, buffer);
  if (isatty(STDERR_FILENO) == 1) error.put(kClearLine);
  error.put("electrum-probe: ");
  for (const std::string_view part : parts) error.put(part);
  error.put("\n");
  static_cast<void>(error.flush());
}

std::string_view last_reason() { return std::strerror(posix::last_error()); }

Digits::Digits(std::uint64_t number) { put_unsigned(number, text_); }

Page::Page() : sink_(STDOUT_FILENO, buffer_) {}

bool Page::finish() {
  if (sink_.flush()) return true;
  complain({"cannot write standard output: ", last_reason()});
  return false;
}

}  // namespace observatory
