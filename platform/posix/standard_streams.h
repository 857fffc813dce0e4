// SPDX-License-Identifier: MIT
// Stands alone, so that a program without this platform can use it, too.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <initializer_list>

namespace observatory::posix {

// A standard stream that was closed leaves its number to the next descriptor, and what is meant for
// a terminal would go into a file or a socket. /dev/null takes the place, opened the wrong way
// round: using the stream still fails. To be called first of all.
inline void hold_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) >= 0) continue;
    const int held = ::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    if (held >= 0 && held != stream) ::close(held);
  }
}

}  // namespace observatory::posix
