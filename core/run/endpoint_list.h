// SPDX-License-Identifier: MIT
// Reads endpoints as people and Electrum write them, in memory that does not grow.
#pragma once

#include <array>
#include <span>

#include "core/run/endpoint.h"
#include "platform/interface/bytes.h"

namespace observatory {

inline constexpr std::size_t kMostPerLine = 8;  // endpoints that one line may name

// What a line gave.
struct EndpointLine {
  std::array<Endpoint, kMostPerLine> endpoints;
  std::size_t count = 0;
  std::string_view problem;  // what is wrong, in words; nothing of the line is used then
};

// One command-line argument:  host:port:t | host:port:s | [v6]:port:s | host | v6
// `t` is TCP, `s` is TLS. A host alone stands for both, on the default ports.
void read_endpoint_argument(std::string_view text, const DefaultPorts& ports, EndpointLine& into);

// One line of a list:  host t50001 s50002   (also `t` and `s` alone: the default port)
// and everything that an argument may be. Blank lines and what follows a `#` give no endpoint.
void read_endpoint_line(std::string_view line, const DefaultPorts& ports, EndpointLine& into);

// Remembers which endpoints were seen, by a hash of 64 bits that differs from run to run. Holds
// limits::kRemembered; further endpoints are not remembered.
class SeenEndpoints {
 public:
  // Forgets everything; `key` is 8 random bytes.
  void start(ByteView key);

  // True when the endpoint was seen before; remembers it otherwise.
  bool seen(const Endpoint& endpoint);

  // The same without remembering.
  bool knows(const Endpoint& endpoint) const { return hashes_[place_of(endpoint)] != 0; }
  bool full() const { return count_ == limits::kRemembered; }

  // A hash of a host, which nobody outside can foresee either.
  std::uint32_t hash_of(std::string_view host) const;

 private:
  std::uint64_t hash_of(const Endpoint& endpoint) const;
  std::size_t place_of(const Endpoint& endpoint) const;  // its own, or the free one for it

  static constexpr std::size_t kPlaces = limits::kRemembered * 2;  // half full at the most

  std::uint64_t key_ = 0;
  std::size_t count_ = 0;
  std::array<std::uint64_t, kPlaces> hashes_{};  // 0: free
};

}  // namespace observatory
