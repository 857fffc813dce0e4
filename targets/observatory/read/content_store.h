// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>

#include "core/record/cbor_expander.h"

namespace observatory::host {

// The contents of logs in memory, `most` bytes of them; beyond that those go that were neither
// kept nor found for the longest time. (A probe remembers some thousands, a few MB at the most, so
// that a log loses nothing by it.)
class ContentStore final : public Contents {
 public:
  explicit ContentStore(std::size_t most = std::size_t{16} << 20) : most_(most) {}

  void keep(const ContentHash& hash, ByteView value) override;
  ByteView find(const ContentHash& hash) override;

  std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::uint64_t hash;
    std::string value;
  };

  // What an entry takes beside its bytes, roughly.
  static constexpr std::size_t kOverhead = 128;

  static std::uint64_t number_of(const ContentHash& hash);
  void drop_oldest();

  std::size_t most_;
  std::size_t bytes_ = 0;
  std::list<Entry> entries_;  // the one that was used last is the first
  std::unordered_map<std::uint64_t, std::list<Entry>::iterator> by_hash_;
};

}  // namespace observatory::host
