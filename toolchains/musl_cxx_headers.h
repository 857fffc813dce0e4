// SPDX-License-Identifier: MIT
// Included in front of every C++ file of a static binary: the compiler's C++ headers were
// configured for glibc, the C library underneath is musl.
#pragma once

#define __GLIBC_PREREQ(major, minor) 0

#include <bits/c++config.h>

#undef _GLIBCXX_USE_PTHREAD_COND_CLOCKWAIT
#undef _GLIBCXX_USE_PTHREAD_MUTEX_CLOCKLOCK
#undef _GLIBCXX_USE_PTHREAD_RWLOCK_CLOCKLOCK
