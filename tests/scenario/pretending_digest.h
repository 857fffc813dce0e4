// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>

#include "tests/support/sha256.h"

namespace observatory::scenario {

// SHA-256, but for texts that were given a digest of choice: nobody can make a certificate with a
// given one.
class PretendingDigest final : public Digest {
 public:
  // From now on `text` has this digest.
  void pretend(std::string text, const Sha256& digest) { pretended_[std::move(text)] = digest; }

  void start() override { text_.clear(); }
  void update(ByteView bytes) override { text_ += as_text(bytes); }
  void finish(Sha256& into) override {
    const auto pretended = pretended_.find(text_);
    if (pretended != pretended_.end()) {
      into = pretended->second;
      return;
    }
    digest_.start();
    digest_.update(as_bytes(text_));
    digest_.finish(into);
  }

 private:
  std::string text_;
  std::map<std::string, Sha256> pretended_;
  test::Sha256Digest digest_;
};

}  // namespace observatory::scenario
