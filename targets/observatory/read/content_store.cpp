// SPDX-License-Identifier: MIT
#include "targets/observatory/read/content_store.h"

#include "core/base/byte_reader.h"

namespace observatory::host {

void ContentStore::keep(const ContentHash& hash, ByteView value) {
  if (!find(hash).empty()) return;
  entries_.push_front({number_of(hash), std::string(as_text(value))});
  by_hash_[number_of(hash)] = entries_.begin();
  bytes_ += value.size() + kOverhead;
  while (bytes_ > most_) drop_oldest();
}

ByteView ContentStore::find(const ContentHash& hash) {
  const auto found = by_hash_.find(number_of(hash));
  if (found == by_hash_.end()) return {};
  entries_.splice(entries_.begin(), entries_, found->second);
  return as_bytes(found->second->value);
}

std::uint64_t ContentStore::number_of(const ContentHash& hash) {
  return ByteReader(hash).take_unsigned(hash.size());
}

void ContentStore::drop_oldest() {
  bytes_ -= entries_.back().value.size() + kOverhead;
  by_hash_.erase(entries_.back().hash);
  entries_.pop_back();
}

}  // namespace observatory::host
