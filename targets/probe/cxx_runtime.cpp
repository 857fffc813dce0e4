// SPDX-License-Identifier: MIT
// What compilers and headers of C++ refer to although nothing here uses it. The probe is linked
// without the C++ library: a router has none to spare.
#include <cstddef>

// std::string_view::substr() and the like end here when their bounds are broken, which would be a
// defect of ours: stop at once.
// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl58-cpp): the name is the library's.
namespace std {
[[noreturn]] void __throw_out_of_range_fmt(const char*, ...);
void __throw_out_of_range_fmt(const char*, ...) { __builtin_trap(); }
}  // namespace std
// NOLINTEND(bugprone-reserved-identifier,cert-dcl58-cpp)
