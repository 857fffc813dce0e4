// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <list>
#include <unordered_map>
#include <utility>

namespace observatory::host {

// What was used last, by key, as much of it as fits into `most` bytes.
template <typename Key, typename Value, typename Hash = std::hash<Key>>
class Recent {
 public:
  explicit Recent(std::size_t most) : most_(most) {}

  // Null when it is not there. Valid until put() is called.
  const Value* find(const Key& key) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->value;
  }

  // The key is not there. `bytes`: what key and value take beside their own size.
  const Value& put(const Key& key, Value value, std::size_t bytes) {
    entries_.push_front({key, std::move(value), bytes + kOverhead});
    by_key_[key] = entries_.begin();
    bytes_ += entries_.front().bytes;
    while (bytes_ > most_ && entries_.size() > 1) drop_oldest();
    return entries_.front().value;
  }

 private:
  struct Entry {
    Key key;
    Value value;
    std::size_t bytes;
  };

  // Nodes of list and map, roughly.
  static constexpr std::size_t kOverhead = sizeof(Entry) + sizeof(Key) + 80;

  void drop_oldest() {
    bytes_ -= entries_.back().bytes;
    by_key_.erase(entries_.back().key);
    entries_.pop_back();
  }

  std::size_t most_;
  std::size_t bytes_ = 0;
  std::list<Entry> entries_;  // the one that was used last is the first
  std::unordered_map<Key, typename std::list<Entry>::iterator, Hash> by_key_;
};

}  // namespace observatory::host
