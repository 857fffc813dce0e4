// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstring>

#include "platform/interface/bytes.h"

namespace observatory {

// Text of at most kCapacity bytes, stored in place. Not terminated by a zero.
template <std::size_t kCapacity>
class FixedString {
 public:
  static_assert(kCapacity <= 0xffff);

  constexpr FixedString() = default;

  void clear() { size_ = 0; }

  // False, and nothing changes, when `more` does not fit.
  [[nodiscard]] bool append(std::string_view more) {
    if (more.size() > kCapacity - size_) return false;
    if (!more.empty()) std::memcpy(data_.data() + size_, more.data(), more.size());
    size_ = static_cast<std::uint16_t>(size_ + more.size());
    return true;
  }
  [[nodiscard]] bool append(char c) { return append(std::string_view(&c, 1)); }
  [[nodiscard]] bool assign(std::string_view text) {
    if (text.size() > kCapacity) return false;
    size_ = 0;
    return append(text);
  }

  static constexpr std::size_t capacity() { return kCapacity; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::string_view view() const { return {data_.data(), size_}; }

  friend bool operator==(const FixedString& a, std::string_view b) { return a.view() == b; }

 private:
  std::array<char, kCapacity> data_{};
  std::uint16_t size_ = 0;
};

}  // namespace observatory
