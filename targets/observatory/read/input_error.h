// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>

namespace observatory::host {

// A file cannot be opened or read. what() is for people and names the file.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace observatory::host
