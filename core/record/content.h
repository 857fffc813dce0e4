// SPDX-License-Identifier: MIT
// Content: what stands in a CBOR log once and is referred to from then on by its hash.
//
// Most of what a server gives away is the same in every visit: its certificate, its banner, its
// peers. So a value in a record that was written before in the same run may stand as a reference.
// Any value of kShortestContent bytes or more can be referred to once it stood whole: a group, a
// text, a list, an item of a list. Nothing marks it; both sides know it by its length.
//
// The hash is the first 8 bytes of the SHA-256 of the run's name and the bytes of the value (as
// they are without references inside). The name is random and known to nobody before the log is,
// so no server can prepare two contents with the same hash, and 8 bytes need only stand up to
// chance: among 100,000 contents of a run two share a hash once in three thousand million runs.
// Without the name they would have to be 16.
//
// Prior art: the tags 25 and 29 (stringref, value-sharing) and packed CBOR refer by a number that
// counts what came before. There a record that is missing or damaged shifts the meaning of all
// that follow, silently; a hash leads to its very content or to nothing.
#pragma once

#include <algorithm>
#include <array>

#include "core/base/byte_sink.h"
#include "platform/interface/digest.h"

namespace observatory {

// Below, a reference would spare little: it takes 12 bytes, and one of several in a row 8.
inline constexpr std::size_t kShortestContent = 24;

using ContentHash = std::array<std::uint8_t, 8>;

// Takes the bytes of a value and gives its hash. One at a time for each Digest.
class ContentHasher final : public ByteSink {
 public:
  ContentHasher(Digest& digest, ByteView run) : digest_(digest) {
    digest_.start();
    digest_.update(run);
  }

  void put(ByteView bytes) override {
    digest_.update(bytes);
    size_ += bytes.size();
  }
  using ByteSink::put;

  std::size_t size() const { return size_; }  // of the value

  ContentHash finish() {
    Sha256 whole;
    digest_.finish(whole);
    ContentHash hash;
    std::copy_n(whole.begin(), hash.size(), hash.begin());
    return hash;
  }

 private:
  Digest& digest_;
  std::size_t size_ = 0;
};

}  // namespace observatory
