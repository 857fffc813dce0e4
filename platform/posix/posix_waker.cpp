// SPDX-License-Identifier: MIT
#include "platform/posix/posix_waker.h"

#include <fcntl.h>
#include <unistd.h>

#include "platform/posix/errno_mapping.h"

namespace observatory::posix {

PosixWaker::PosixWaker() {
  int ends[2];
  if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return;
  read_end_ = ends[0];
  write_end_ = ends[1];
}

PosixWaker::~PosixWaker() {
  if (!usable()) return;
  ::close(read_end_);
  ::close(write_end_);
}

void PosixWaker::wake() const {
  if (!usable()) return;
  const int error = last_error();
  const char byte = 0;
  ssize_t written = 0;
  do {
    written = ::write(write_end_, &byte, 1);
  } while (written < 0 && is_interrupted(last_error()));
  // A full pipe refuses the byte and is readable already: nothing is lost.
  restore_error(error);
}

void PosixWaker::drain() const {
  if (!usable()) return;
  char bytes[64];
  ssize_t count = 0;
  do {
    count = ::read(read_end_, bytes, sizeof(bytes));
  } while (count > 0 || (count < 0 && is_interrupted(last_error())));
}

}  // namespace observatory::posix
