// SPDX-License-Identifier: MIT
// Where the numbers in errno become facts. errno_mapping.cpp is the only file of the tree that
// includes <cerrno>; everybody else asks here.
#pragma once

#include "platform/interface/network.h"

namespace observatory::posix {

// The calling thread's errno, and a way to put it back: a signal handler must leave it as it
// was (POSIX.1-2017, XSH 2.4.3).
int last_error();
void restore_error(int error);

// The call was cut short by a signal and should be made again.
bool is_interrupted(int error);

// The call has not failed, it would only have had to wait: nothing to read, no room to write.
bool is_not_now(int error);

// A connect() that goes on by itself.
bool is_under_way(int error);

// The kernel does not know the system call, or a sandbox forbids it.
bool is_missing_call(int error);

// The fact behind an errno of a socket call, or behind SO_ERROR. kNone for 0 and for whatever
// is_interrupted(), is_not_now() and is_under_way() accept; kOther for numbers that say nothing
// about the network.
NetError net_error(int error);

}  // namespace observatory::posix
