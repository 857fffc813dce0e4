// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>

namespace observatory::host {

// Why a database cannot be used. what() is for people and names the file.
class StoreError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace observatory::host
