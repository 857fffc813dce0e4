// SPDX-License-Identifier: MIT
#include "targets/probe/descriptor_sink.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "platform/posix/errno_mapping.h"

namespace observatory {

void DescriptorSink::put(ByteView bytes) {
  while (!bytes.empty() && !failed_) {
    const ByteView fitting = bytes.first(std::min(buffer_.size() - used_, bytes.size()));
    std::memcpy(buffer_.data() + used_, fitting.data(), fitting.size());
    used_ += fitting.size();
    bytes = bytes.subspan(fitting.size());
    if (used_ == buffer_.size() && !flush()) return;
  }
}

bool DescriptorSink::flush() {
  for (std::size_t written = 0; written < used_ && !failed_;) {
    const ssize_t count = ::write(descriptor_, buffer_.data() + written, used_ - written);
    if (count > 0) {
      written += static_cast<std::size_t>(count);
    } else if (count < 0 && posix::is_not_now(posix::last_error())) {
      // Somebody who shares the pipe or the terminal made it non-blocking for all.
      pollfd wanted = {descriptor_, POLLOUT, 0};
      ::poll(&wanted, 1, -1);
    } else if (count == 0 || !posix::is_interrupted(posix::last_error())) {
      failed_ = true;
    }
  }
  used_ = 0;
  return !failed_;
}

}  // namespace observatory
